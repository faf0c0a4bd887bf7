"""Forecast 500 tasks in 10,000 futures.

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

TASKS, SAMPLES, CREWS = 500, 10_000, 8


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
    return exit_code(figures)


if __name__ == "__main__":
    sys.exit(main())
