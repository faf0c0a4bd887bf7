"""Schedules: PSPLIB instances through the product's own model, and generated roadmaps.

Prints `name value goal ratio-to` lines. PSPLIB (R. Kolisch, A. Sprecher, European Journal of Operational Research 96,
1996) is read from `FULLCIRCLE_DATA/planning/rcpsp`, with the best known bounds in `bounds.csv`.

    python -m benchmarks.roadmap_scheduling rcpsp [set] [how many] [seconds]
    python -m benchmarks.roadmap_scheduling roadmaps [first seed] [last seed] [seconds]
    python -m benchmarks.roadmap_scheduling large [seconds]
"""

import csv
import os
import re
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.roadmap_generator import roadmap_of
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.problem import Job, Mode, Package, Precedence, ScheduleProblem
from services.roadmap.domain.scheduling.solving import Incumbent, Limits, Schedule, schedule


def read_psplib(path: Path) -> ScheduleProblem:
    """All activities mandatory, one mode each, one team with four skills, the makespan to be least."""
    text = path.read_text()
    successors = _rows(text, "PRECEDENCE RELATIONS:", "REQUESTS/DURATIONS:")
    requests = _rows(text, "REQUESTS/DURATIONS:", "RESOURCEAVAILABILITIES:")
    available = _rows(text, "RESOURCEAVAILABILITIES:", None)[0]
    horizon = sum(row[2] for row in requests)
    jobs = tuple(
        Job(f"{row[0]:03}", 0, (Mode(tuple(Package("all", f"R{k}", row[2], d) for k, d in enumerate(row[3:]))),))
        for row in requests
    )
    return ScheduleProblem(
        horizon=horizon,
        jobs=jobs,
        capacity={("all", f"R{k}"): (units,) * horizon for k, units in enumerate(available)},
        precedences=tuple(Precedence(f"{row[0]:03}", f"{after:03}") for row in successors for after in row[3:]),
        goal="makespan",
    )


def _rows(text: str, begin: str, end: str | None) -> list[list[int]]:
    part = text.split(begin, 1)[1]
    lines = (part.split(end, 1)[0] if end else part).splitlines()
    return [[int(each) for each in line.split()] for line in lines if re.fullmatch(r"[\s\d]+", line) and line.strip()]


def rcpsp(name: str, count: int, seconds: float) -> None:
    folder = Path(os.environ["FULLCIRCLE_DATA"]) / "planning" / "rcpsp"
    with (folder / "bounds.csv").open() as lines:
        best = {row["instance"]: int(row["upper_bound"]) for row in csv.DictReader(lines)}
    paths = sorted((folder / name).glob("*.sm"))
    paths = paths[:: max(1, len(paths) // count)][:count]
    proved, gaps, cpu = 0, [], process_time()
    for path in paths:
        problem = read_psplib(path)
        answer = schedule(problem, Limits(seed=1, time_limit_s=seconds))
        assert answer.objective is not None
        assert faults_of(problem, answer.plan) == []
        proved += answer.status == "optimal"
        gaps.append(answer.objective / best[path.stem] - 1)
        print(
            f"# {path.stem} {answer.status} {answer.objective} bound {answer.bound} known {best[path.stem]}", flush=True
        )
    print(f"rcpsp_{name}_proved {proved} - {len(paths)}")
    print(f"rcpsp_{name}_mean_gap_percent {100 * sum(gaps) / len(gaps):.2f} - best_known")
    print(f"rcpsp_{name}_cpu_s {(process_time() - cpu) / len(paths):.1f} - instance")


def solve_timed(problem: ScheduleProblem, seconds: float) -> tuple[Schedule, float, float]:
    """The answer, when the first plan was there, and the CPU time of all."""
    first: list[float] = []
    started, cpu = perf_counter(), process_time()

    def note(_incumbent: Incumbent) -> None:
        first.append(perf_counter() - started)

    answer = schedule(problem, Limits(seed=1, time_limit_s=seconds), report=note, now=perf_counter)
    assert faults_of(problem, answer.plan) == []
    return answer, first[0], process_time() - cpu


def roadmaps(first_seed: int, last_seed: int, seconds: float) -> None:
    for seed in range(first_seed, last_seed + 1):
        problem = roadmap_of(features=200, teams=8, skills=6, weeks=52, seed=seed)
        _print_answer(f"roadmap_200_seed_{seed}", solve_timed(problem, seconds), first_goal=0.5, gap_goal=3.0)


def large(seconds: float) -> None:
    problem = roadmap_of(features=2000, teams=40, skills=6, weeks=52, seed=1)
    _print_answer("roadmap_2000", solve_timed(problem, seconds), first_goal=2.0, gap_goal=10.0)
    print(f"roadmap_2000_peak_mb {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} 1000 process")


def _print_answer(name: str, solved: tuple[Schedule, float, float], *, first_goal: float, gap_goal: float) -> None:
    answer, first_s, cpu_s = solved
    assert answer.objective is not None
    better = answer.objective / (answer.first_objective or 1) - 1
    print(f"{name}_first_s {first_s:.2f} {first_goal} start")
    print(f"{name}_better_percent {100 * better:.2f} 4 greedy")
    print(f"{name}_gap_percent {100 * (answer.gap or 0):.2f} {gap_goal} bound")
    print(f"{name}_cpu_s {cpu_s:.1f} 60 -", flush=True)


def main() -> None:
    what, *more = sys.argv[1:] or ["roadmaps"]
    match what:
        case "rcpsp":
            name, count, seconds = (*more, *("j30", "12", "60")[len(more) :])
            rcpsp(name, int(count), float(seconds))
        case "roadmaps":
            first, last, seconds = (*more, *("1", "10", "30")[len(more) :])
            roadmaps(int(first), int(last), float(seconds))
        case _:
            large(float(more[0]) if more else 60.0)


if __name__ == "__main__":
    main()
