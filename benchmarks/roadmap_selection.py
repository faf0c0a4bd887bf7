"""Every Next Release Problem instance with a known optimum, solved by the code behind `POST /v1/optimizations`.

Prints the seconds to the proved optimum of each instance, then the counts. The instances are
those of J. Xuan et al., IEEE Transactions on Software Engineering (2012), read from `FULLCIRCLE_DATA/planning/nrp`.

    FULLCIRCLE_DATA=... python -m benchmarks.roadmap_selection [part of a name]
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.report import Figure, exit_code, remark, report
from services.roadmap.domain.selection.checker import broken_rules
from services.roadmap.domain.selection.problem import Budget, Candidate, Customer, Dependency, SelectionProblem
from services.roadmap.domain.selection.selecting import select

LIMIT_S = 60.0
QUICK_S = 10.0
QUICK_GOAL = 26


def read_problem(path: Path, *, tenths: int) -> SelectionProblem:
    """An instance file, with a budget of so many tenths of what everything costs (README-classic-nrp.txt)."""
    numbers = map(int, path.read_text("latin-1").split())
    costs = [next(numbers) for _ in range(next(numbers)) for _ in range(next(numbers))]
    pairs = [(next(numbers), next(numbers)) for _ in range(next(numbers))]
    customers = [(next(numbers), [next(numbers) for _ in range(next(numbers))]) for _ in range(next(numbers))]
    return SelectionProblem(
        candidates=tuple(Candidate(f"{i:05}", uses={"cost": cost}) for i, cost in enumerate(costs, start=1)),
        budgets=(Budget("cost", sum(costs) * tenths // 10),),
        customers=tuple(
            Customer(f"{i:05}", weight, tuple(f"{want:05}" for want in wants))
            for i, (weight, wants) in enumerate(customers)
        ),
        dependencies=tuple(Dependency(f"{later:05}", f"{earlier:05}") for earlier, later in pairs),
    )


def known_optima(folder: Path, part: str) -> Iterator[tuple[str, SelectionProblem, int]]:
    for name, optimum in json.loads((folder / "optima.json").read_text()).items():
        if part in name:
            instance, ratio = name.rsplit("-", 1)
            yield name, read_problem(folder / f"{instance}.txt", tenths=round(float(ratio) * 10)), optimum


def main() -> int:
    folder = Path(os.environ["FULLCIRCLE_DATA"]) / "planning" / "nrp"
    seconds: list[float] = []
    proved = 0
    for name, problem, optimum in known_optima(folder, sys.argv[1] if len(sys.argv) > 1 else ""):
        started = perf_counter()
        found = select(problem, time_limit_s=LIMIT_S, explain_s=0)
        seconds.append(perf_counter() - started)
        is_right = found.status == "optimal" and found.objective == found.bound == optimum
        proved += is_right and not broken_rules(problem, found.chosen)
        report(Figure(f"nrp_{name}_s", seconds[-1], at_most=LIMIT_S))
        if not is_right:
            remark(f"{name}: {found.status} {found.objective} bound {found.bound}, known {optimum}")
    quick = sum(taken <= QUICK_S for taken in seconds)
    return exit_code(
        [
            report(Figure("nrp_proved", proved, at_least=len(seconds))),
            report(Figure(f"nrp_within_{QUICK_S:.0f}_s", quick, at_least=min(QUICK_GOAL, len(seconds)))),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
