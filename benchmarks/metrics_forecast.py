"""Are forecasts better than the plain ones they are made of? OWA against seasonal naive and theta, and coverage.

Generated KPIs of five kinds (steady, weekly, trending, drifting, weekly with a drift) are cut at four dates each and
forecast four weeks ahead. OWA is the mean of the relative MASE and the relative sMAPE (M4 competition: S. Makridakis,
E. Spiliotis, V. Assimakopoulos, International Journal of Forecasting 36 (2020) 54-74); below 1 is better.

    python -m benchmarks.metrics_forecast [--series 100]
"""

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, exit_code, report
from services.metrics.domain.forecasting import forecast, seasonal_naive, theta

DAYS, HORIZON, SEASON = 364, 28, 7
CUTS = (180, 230, 280, 336)

Vector = NDArray[np.float64]


def kpi(seed: int) -> Vector:
    """One of five kinds."""
    random = np.random.default_rng(seed)
    day = np.arange(DAYS)
    week = 12 * np.sin(2 * np.pi * day / 7) * (seed % 5 in {1, 4})
    trend = 0.15 * day * (seed % 5 == 2)
    level = np.cumsum(random.normal(0, 0.6, DAYS)) * (seed % 5 in {3, 4})
    return np.asarray(100 + week + trend + level + random.normal(0, 2, DAYS))


def errors(past: Vector, actual: Vector, said: Vector) -> tuple[float, float]:
    """MASE and sMAPE."""
    scale = np.abs(past[SEASON:] - past[:-SEASON]).mean()
    relative = 2 * np.abs(actual - said) / (np.abs(actual) + np.abs(said))
    return float(np.abs(actual - said).mean() / scale), float(relative.mean())


def owa(ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]) -> float:
    return float((np.mean(ours, axis=0) / np.mean(theirs, axis=0)).mean())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100)
    chosen, naive, plain_theta, held = [], [], [], []
    spent = 0.0
    for seed in range(parser.parse_args().series):
        values = kpi(seed)
        for cut in CUTS:
            past, actual = values[:cut], values[cut : cut + HORIZON]
            began = time.process_time()
            told = forecast(past, horizon=HORIZON, season=SEASON, level=0.9)
            spent += time.process_time() - began
            chosen.append(errors(past, actual, told.points))
            naive.append(errors(past, actual, seasonal_naive(past, HORIZON, SEASON)))
            plain_theta.append(errors(past, actual, theta(past, HORIZON, SEASON)))
            held.append(float(((told.low <= actual) & (actual <= told.high)).mean()))
    return exit_code(
        [
            report(Figure("forecast_owa_to_seasonal_naive", owa(chosen, naive), at_most=1.0)),
            report(Figure("forecast_owa_to_theta", owa(chosen, plain_theta), at_most=1.0)),
            report(Figure("forecast_coverage_of_90_percent", float(np.mean(held)), at_least=0.85)),
            report(Figure("forecast_cpu_ms_per_series", 1000 * spent / len(held), at_most=50)),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
