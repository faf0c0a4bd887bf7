"""Forecast 500 tasks in 10,000 futures; and how often what was said of throughput came true.

The histories have a pace of their own each, 26 weeks to learn from, and 20 features to come: in steady worlds the weeks
are Poisson, in uneven ones the pace itself changes from week to week (gamma, coefficient of variation .6).

python -m benchmarks.roadmap_forecast
"""

import sys
from statistics import median
from time import perf_counter, process_time

import numpy as np

from benchmarks.report import Figure, exit_code, report
from services.roadmap.domain.forecasting.durations import Correction, Range, lognormal_of
from services.roadmap.domain.forecasting.forecast import ForecastProblem, PlannedTask, forecast
from services.roadmap.domain.forecasting.simulation import Crew, Task
from services.roadmap.domain.forecasting.throughput import finishing_weeks

TASKS, SAMPLES, CREWS = 500, 10_000, 8
WORLDS, HISTORY, LONGEST, ITEMS = 500, 26, 400, 20


def problem() -> ForecastProblem:
    """Up to three predecessors each, three lanes a crew, five working days a week."""
    dice = np.random.default_rng(1)
    weekdays = tuple(day for day in range(1_000) if day % 7 < 5)
    tasks = []
    for index in range(TASKS):
        low = float(dice.uniform(1, 5))
        high, crew = low * float(dice.uniform(1.5, 4)), int(dice.integers(CREWS))
        earlier = dice.integers(max(0, index - 40), index, int(dice.integers(0, 4))) if index else []
        waits_for = tuple(sorted({int(each) for each in earlier}))
        effort = lognormal_of(Range(low, low, high))
        tasks.append(PlannedTask(f"feature {index // 2}", "code", effort, Task(crew, 1, waits_for), crew))
    crews = (Crew(3, weekdays),) * CREWS
    return ForecastProblem(tuple(tasks), crews, (Correction(),) * CREWS, {})


def kept(seed: int, *, is_uneven: bool) -> bool:
    """Whether the 20 features of one world were done by the day that was said with 85 %."""
    dice = np.random.default_rng(seed)
    pace = dice.uniform(0.5, 4)
    weeks = HISTORY + LONGEST
    rates = dice.gamma(1 / 0.36, 0.36 * pace, weeks) if is_uneven else np.full(weeks, pace)
    done = dice.poisson(rates)
    if not done[:HISTORY].any():
        return kept(seed + WORLDS, is_uneven=is_uneven)
    said = np.percentile(
        finishing_weeks([int(each) for each in done[:HISTORY]], items=ITEMS, samples=2_000, seed=seed)[-1],
        85,
        method="inverted_cdf",
    )
    return bool(np.searchsorted(np.cumsum(done[HISTORY:]), ITEMS) <= said)


def main() -> int:
    asked, wall, cpu = problem(), [], []
    for _ in range(5):
        started, worked = perf_counter(), process_time()
        forecast(asked, samples=SAMPLES, seed=1)
        wall.append(perf_counter() - started)
        cpu.append(process_time() - worked)
    figures = [
        report(Figure("forecast_500x10000_s", median(wall), at_most=1)),
        report(Figure("forecast_500x10000_cpu_s", median(cpu), at_most=1)),
    ]
    for name, is_uneven in (("steady", False), ("uneven", True)):
        share = sum(kept(seed, is_uneven=is_uneven) for seed in range(WORLDS)) / WORLDS
        figures.append(report(Figure(f"throughput_{name}_kept_85_percent", share, at_least=0.8, at_most=0.9)))
    return exit_code(figures)


if __name__ == "__main__":
    sys.exit(main())
