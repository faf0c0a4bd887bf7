"""Can an experiment be read every day? False positives over fourteen looks, and power with a covariate.

Units have skewed figures that follow a figure from before the experiment; 500 units per arm and day for fourteen days.

    python -m benchmarks.metrics_experiments [--runs 1000]
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, exit_code, report
from services.metrics.domain.experiments import Difference, Measure, Totals, compare

DAYS, PER_DAY = 14, 500
UNITS = DAYS * PER_DAY
GAIN = 0.03

Table = NDArray[np.float64]


def simulate(seed: int, *, gain: float) -> tuple[Table, Table]:
    """The figures of both arms and those from before, a row per arm."""
    random = np.random.default_rng(seed)
    before = random.lognormal(3, 0.6, (2, UNITS))
    values = before**0.9 * random.lognormal(0, 0.35, (2, UNITS))
    values[1] *= 1 + gain
    return values, before


def looks(values: Table, before: Table, *, has_covariate: bool) -> Iterator[Difference]:
    """What is read at the end of each day."""
    other = before if has_covariate else np.zeros_like(before)
    for day in range(1, DAYS + 1):
        reach = day * PER_DAY
        control, treatment = (
            Totals(
                reach,
                float(y.sum()),
                float(y @ y),
                float(x.sum()),
                float(x @ x),
                float(x @ y),
            )
            for y, x in zip(values[:, :reach], other[:, :reach], strict=True)
        )
        yield compare(control, treatment, measure=Measure.MEAN, planned_units=2 * UNITS)


def share_found(runs: int, *, gain: float, has_covariate: bool) -> float:
    """The share of experiments in which any look saw an effect."""
    found = 0
    for seed in range(runs):
        read = looks(*simulate(seed, gain=gain), has_covariate=has_covariate)
        found += any(0.0 not in each.interval for each in read)
    return found / runs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    return exit_code(
        [
            report(
                Figure(
                    "experiments_false_positives_14_looks",
                    share_found(runs, gain=0, has_covariate=False),
                    at_most=0.05,
                )
            ),
            report(
                Figure(
                    "experiments_false_positives_14_looks_cuped",
                    share_found(runs, gain=0, has_covariate=True),
                    at_most=0.05,
                )
            ),
            report(Figure("experiments_power_at_3_percent", share_found(runs, gain=GAIN, has_covariate=False))),
            report(
                Figure(
                    "experiments_power_at_3_percent_cuped",
                    share_found(runs, gain=GAIN, has_covariate=True),
                    at_least=0.85,
                )
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
