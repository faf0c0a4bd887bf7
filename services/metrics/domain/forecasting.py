"""Where a KPI is going: a few plain methods, the best chosen by its own past, with intervals that held there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Method = Callable[[Vector, int, int], Vector]

LEAST_POINTS = 8
MOST_POINTS = 400
MOST_ORIGINS = 10
ALPHAS = np.linspace(0.02, 0.98, 25)
MOST_SMOOTHED = 150
SEASONALITY_Z = 1.645
RIDGE = 1e-2
ROUNDING = 1e-9
"""Distances from a line that are smaller than this share of the values are what rounding left."""


@dataclass(frozen=True)
class Forecast:
    """Points ahead with their central intervals; `errors` (origins, horizon) are the method's own past misses."""

    method: str
    points: Vector
    low: Vector
    high: Vector
    level: float
    errors: NDArray[np.float64]

    def mean_of_last(self, span: int) -> tuple[float, float]:
        """The mean of the last `span` points ahead, and the standard deviation of its error.

        What the method has missed on average is added: one that halves trends is too low whenever there is one.
        """
        misses = self.errors[:, -span:].mean(axis=1)
        return float(self.points[-span:].mean() + misses.mean()), float(misses.std(ddof=min(1, len(misses) - 1)))


def naive(values: Vector, horizon: int, season: int) -> Vector:
    """The last figure goes on."""
    del season
    return np.full(horizon, values[-1])


def drift(values: Vector, horizon: int, season: int) -> Vector:
    """The last season goes on, moved by the mean change per period (a random walk with drift)."""
    slope = (values[-season:].mean() - values[:season].mean()) / max(1, len(values) - season)
    steps = (np.arange(horizon) // season + 1) * season
    return np.asarray(seasonal_naive(values, horizon, season) + slope * steps)


def seasonal_naive(values: Vector, horizon: int, season: int) -> Vector:
    """The last season goes on."""
    return np.resize(values[-season:], horizon) if len(values) >= season else naive(values, horizon, season)


def smoothed(values: Vector, horizon: int, season: int) -> dict[str, Vector]:
    """What exponential smoothing of the deseasonalised series says: `level` goes on as it is, `theta` along half of the
    trend line, `trend` along the whole of it, from where smoothing has found the figures beside it.

    Sources: R. G. Brown, Exponential smoothing for predicting demand (1956); V. Assimakopoulos, K. Nikolopoulos, The
    theta model, International Journal of Forecasting 16 (2000) 521-530; R. J. Hyndman, B. Billah, Unmasking the theta
    method, same journal 19 (2003) 287-290.
    """
    indices = seasonal_indices(values, season) if is_seasonal(values, season) else np.zeros(max(season, 1))
    places = np.arange(len(values) + horizon) % len(indices)
    plain, ahead = values - indices[places[: len(values)]], indices[places[len(values) :]]
    past, future = np.arange(len(values)), len(values) + np.arange(horizon)
    line = np.polyfit(past, plain, 1) if len(values) > 2 else np.array([0.0, plain[-1]])
    level, alpha = _smooth(plain)
    start = (1 - (1 - alpha) ** len(values)) / alpha
    beside, _ = _smooth(plain - np.polyval(line, past))
    return {
        "level": np.asarray(level + ahead),
        "theta": np.asarray(level + 0.5 * line[0] * (np.arange(horizon) + start) + ahead),
        "trend": np.asarray(beside + np.polyval(line, future) + ahead),
    }


def theta(values: Vector, horizon: int, season: int) -> Vector:
    """The theta method; see `smoothed`."""
    return smoothed(values, horizon, season)["theta"]


def lag_ridge(values: Vector, horizon: int, season: int) -> Vector:
    """A ridge regression on the last figures and on those a season ago, applied step by step.

    Source: A. E. Hoerl, R. W. Kennard, Ridge regression, Technometrics 12 (1970) 55-67.
    """
    lags = [lag for lag in sorted({1, 2, 3, season, season + 1}) if 0 < lag < len(values) // 3]
    if not lags:
        return naive(values, horizon, season)
    centre, spread = values.mean(), values.std() or 1.0
    scaled = (values - centre) / spread
    longest = lags[-1]
    design = np.stack([scaled[longest - lag : len(scaled) - lag] for lag in lags], axis=1)
    gram = design.T @ design + RIDGE * len(design) * np.eye(len(lags))
    weights = np.linalg.solve(gram, design.T @ scaled[longest:])
    path = list(scaled)
    for _ in range(horizon):
        path.append(float(weights @ [path[-lag] for lag in lags]))
    reach = np.ptp(scaled) / 2
    return np.asarray(np.clip(path[len(scaled) :], scaled.min() - reach, scaled.max() + reach) * spread + centre)


METHODS: Mapping[str, Method] = {
    "naive": naive,
    "seasonal_naive": seasonal_naive,
    "drift": drift,
    "lag_ridge": lag_ridge,
}
COMBINED = ("seasonal_naive", "theta", "lag_ridge")


def paths(values: Vector, horizon: int, season: int) -> dict[str, Vector]:
    """What every method says, and the median of three: seldom best, seldom wrong.

    Source: J. S. Armstrong, Combining forecasts, in Principles of Forecasting (2001) 417-439.
    """
    said = {name: method(values, horizon, season) for name, method in METHODS.items()}
    said |= smoothed(values, horizon, season)
    return said | {"median": np.median([said[name] for name in COMBINED], axis=0)}


class TooShort(Exception):
    """There is not enough past to tell anything from."""


def forecast(values: Vector, *, horizon: int, season: int, level: float = 0.9) -> Forecast:
    """Forecast `horizon` periods ahead; NaN are gaps.

    Each method forecasts from several earlier dates; the one with the least absolute error there is taken, and its
    own misses at each step ahead, in order, give the interval: as wide as it had to be (split conformal prediction).
    Raises TooShort below `LEAST_POINTS` figures.

    Sources: L. J. Tashman, Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16 (2000)
    437-450; J. Lei et al., Distribution-free predictive inference for regression, JASA 113 (2018) 1094-1111.
    """
    known = filled(values)[-MOST_POINTS:]
    if len(known) < LEAST_POINTS:
        raise TooShort
    season = season if len(known) >= 2 * season else 1
    misses = _misses(known, horizon, season)
    name = min(misses, key=lambda each: float(np.nanmean(np.abs(misses[each]))))
    errors = _spread_over(misses[name])
    points = paths(known, horizon, season)[name]
    half = _conformal(np.abs(errors), level)
    return Forecast(name, points, points - half, points + half, level, errors)


def filled(values: Vector) -> Vector:
    """Without the gaps: between two figures a line, before the first nothing, after the last the last."""
    places = np.flatnonzero(np.isfinite(values))
    if not len(places):
        return np.empty(0)
    return np.interp(np.arange(places[0], len(values)), places, values[places])


def is_seasonal(values: Vector, season: int) -> bool:
    """Whether the autocorrelation at the season stands out (M4 competition's test, 90 % level)."""
    if season <= 1 or len(values) < 3 * season:
        return False
    centred = values - np.poly1d(np.polyfit(np.arange(len(values)), values, 1))(np.arange(len(values)))
    power = centred @ centred
    if power <= len(values) * (ROUNDING * np.abs(values).max()) ** 2:
        return False
    correlations = np.array([centred[lag:] @ centred[:-lag] / power for lag in range(1, season + 1)])
    limit = SEASONALITY_Z * np.sqrt((1 + 2 * (correlations[:-1] ** 2).sum()) / len(values))
    return bool(correlations[-1] > limit)


def seasonal_indices(values: Vector, season: int) -> Vector:
    """What each place in the season adds: the mean distance from the centred moving average."""
    kernel = np.full(season, 1 / season)
    if season % 2 == 0:
        kernel = np.r_[0.5, np.ones(season - 1), 0.5] / season
    trend = np.convolve(values, kernel, "valid")
    offset = len(kernel) // 2
    distance = values[offset : offset + len(trend)] - trend
    places = (np.arange(len(trend)) + offset) % season
    indices = np.array([distance[places == place].mean() for place in range(season)])
    return np.asarray(indices - indices.mean())


def _smooth(values: Vector) -> tuple[float, float]:
    """The last level of simple exponential smoothing and its best smoothing constant, all candidates at once."""
    recent = values[-MOST_SMOOTHED:]
    level = np.full(len(ALPHAS), recent[0])
    loss = np.zeros(len(ALPHAS))
    for value in recent[1:]:
        miss = value - level
        loss += miss**2
        level += ALPHAS * miss
    best = int(np.argmin(loss))
    return float(level[best]), float(ALPHAS[best])


def _origins(length: int, horizon: int, season: int) -> list[int]:
    """Dates in the past to forecast from: each has enough before it, and at least one figure after it."""
    first = max(LEAST_POINTS // 2, 2 * season, length // 2 if length > 3 * horizon else length // 3)
    last = max(first, length - max(1, min(horizon, (length - first) // 2)))
    return sorted({int(origin) for origin in np.linspace(first, last, MOST_ORIGINS)} & set(range(1, length)))


def _misses(values: Vector, horizon: int, season: int) -> dict[str, NDArray[np.float64]]:
    """What each method missed from each earlier date, NaN beyond what has happened."""
    origins = _origins(len(values), horizon, season)
    misses: dict[str, NDArray[np.float64]] = {}
    for row, origin in enumerate(origins):
        actual = values[origin : origin + horizon]
        for name, path in paths(values[:origin], horizon, season).items():
            table = misses.setdefault(name, np.full((len(origins), horizon), np.nan))
            table[row, : len(actual)] = actual - path[: len(actual)]
    return misses


def _spread_over(misses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Steps that were never reached in the past miss as the last one reached, growing with the root of the distance."""
    full = misses.copy()
    for row in full:
        reached = int(np.isfinite(row).sum())
        steps = np.arange(reached + 1, len(row) + 1)
        row[reached:] = row[reached - 1] * np.sqrt(steps / reached)
    return full


def _conformal(sizes: NDArray[np.float64], level: float) -> Vector:
    """The half-width per step: never shrinking with the distance."""
    rank = min(1.0, np.ceil((len(sizes) + 1) * level) / len(sizes))
    return np.asarray(np.maximum.accumulate(np.quantile(sizes, rank, axis=0)))


@dataclass(frozen=True)
class Question:
    """A forecast to be made elsewhere."""

    values: Vector
    horizon: int
    season: int
    level: float


def foretell(question: Question, _report: object = None) -> Forecast | None:
    """`forecast` in the form that a child process is asked in; None where there is too little past."""
    try:
        return forecast(question.values, horizon=question.horizon, season=question.season, level=question.level)
    except TooShort:
        return None
