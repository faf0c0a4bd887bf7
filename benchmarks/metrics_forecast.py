"""Are forecasts better than the plain ones they are made of? OWA against seasonal naive and theta, and coverage.

Generated KPIs of five kinds (steady, weekly, trending, drifting, weekly with a drift) are cut at four dates each and
forecast four weeks ahead. OWA is the mean of the relative MASE and the relative sMAPE (M4 competition: S. Makridakis,
E. Spiliotis, V. Assimakopoulos, International Journal of Forecasting 36 (2020) 54-74); below 1 is better.

With `--bundled`, also the real series that statsmodels carries (to be installed for it), four dates each.

    python -m benchmarks.metrics_forecast [--series 100] [--bundled]
"""

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, exit_code, report
from services.metrics.domain.forecasting import filled, forecast, seasonal_naive, theta

DAYS, HORIZON, SEASON = 364, 28, 7
CUTS = (180, 230, 280, 336)
BUNDLED = {"co2": 52, "elnino": 12, "macrodata": 4, "interest_inflation": 4, "sunspots": 1, "nile": 1, "copper": 1}
"""Their seasons; what else there is does not go over time, or has too few figures."""
CALENDAR = frozenset({"year", "quarter", "time"})

Vector = NDArray[np.float64]


def kpi(seed: int) -> Vector:
    """One of five kinds."""
    random = np.random.default_rng(seed)
    day = np.arange(DAYS)
    week = 12 * np.sin(2 * np.pi * day / 7) * (seed % 5 in {1, 4})
    trend = 0.15 * day * (seed % 5 == 2)
    level = np.cumsum(random.normal(0, 0.6, DAYS)) * (seed % 5 in {3, 4})
    return np.asarray(100 + week + trend + level + random.normal(0, 2, DAYS))


def errors(past: Vector, actual: Vector, said: Vector, season: int) -> tuple[float, float]:
    """MASE and sMAPE."""
    scale = np.abs(past[season:] - past[:-season]).mean()
    relative = 2 * np.abs(actual - said) / (np.abs(actual) + np.abs(said))
    return float(np.abs(actual - said).mean() / scale), float(relative.mean())


def owa(ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]) -> float:
    return float((np.mean(ours, axis=0) / np.mean(theirs, axis=0)).mean())


@dataclass
class Trial:
    """What was forecast so far, and how far off each was."""

    ours: list[tuple[float, float]] = field(default_factory=list)
    naive: list[tuple[float, float]] = field(default_factory=list)
    theta: list[tuple[float, float]] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    spent_s: float = 0.0

    def cut(self, values: Vector, at: int, *, horizon: int, season: int) -> None:
        past, actual = values[:at], values[at : at + horizon]
        began = time.process_time()
        told = forecast(past, horizon=horizon, season=season, level=0.9)
        self.spent_s += time.process_time() - began
        self.ours.append(errors(past, actual, told.points, season))
        self.naive.append(errors(past, actual, seasonal_naive(past, horizon, season), season))
        self.theta.append(errors(past, actual, theta(past, horizon, season), season))
        self.held.append(float(((told.low <= actual) & (actual <= told.high)).mean()))

    def figures(self, prefix: str) -> list[Figure]:
        return [
            report(Figure(f"{prefix}_owa_to_seasonal_naive", owa(self.ours, self.naive), at_most=1.0)),
            report(Figure(f"{prefix}_owa_to_theta", owa(self.ours, self.theta), at_most=1.0)),
            report(Figure(f"{prefix}_coverage_of_90_percent", float(np.mean(self.held)), at_least=0.85)),
            report(Figure(f"{prefix}_cpu_ms_per_series", 1000 * self.spent_s / len(self.held), at_most=50)),
        ]


def generated(count: int) -> Trial:
    trial = Trial()
    for seed in range(count):
        values = kpi(seed)
        for at in CUTS:
            trial.cut(values, at, horizon=HORIZON, season=SEASON)
    return trial


def bundled() -> Trial:
    """Every series over time of statsmodels' datasets, one season and at least four figures ahead."""
    trial = Trial()
    for name, season in BUNDLED.items():
        table = importlib.import_module(f"statsmodels.datasets.{name}").load_pandas().data
        if name == "elnino":  # a row for each year, a column for each month
            columns = [table.drop(columns="YEAR").to_numpy().ravel()]
        else:
            columns = [table[each].to_numpy() for each in table.columns if each.lower() not in CALENDAR]
        horizon = max(4, season)
        for values in map(filled, columns):
            for at in np.linspace(0.6 * len(values), len(values) - horizon, 4).astype(int):
                trial.cut(values, int(at), horizon=horizon, season=season)
    return trial


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--bundled", action="store_true")
    options = parser.parse_args()
    figures = generated(options.series).figures("forecast")
    if options.bundled:
        figures += bundled().figures("forecast_bundled")
    return exit_code(figures)


if __name__ == "__main__":
    sys.exit(main())
