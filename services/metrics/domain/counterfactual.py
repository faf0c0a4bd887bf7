"""What the KPI would have been without the launch: regression on controls and season with averaged noise models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.metrics.domain.distributions import StudentMixture
from services.metrics.domain.noise import Filtered, NoiseGrid, kalman_filter

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

MOST_HARMONICS = 6
VAGUE = 1e-8  # keeps the equations solvable when a control has not moved yet


@dataclass(frozen=True)
class Series:
    """Equally spaced KPI values, NaN where there is none, with control series that the launch cannot touch."""

    values: Vector
    controls: Matrix
    seasons: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, values: Sequence[float] | Vector, *, controls: Matrix | None = None, seasons: tuple[int, ...] = ()
    ) -> "Series":
        array = np.asarray(values, dtype=float)
        return cls(array, np.empty((len(array), 0)) if controls is None else np.asarray(controls, dtype=float), seasons)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Rows where the KPI and every control are known."""
        return np.isfinite(self.values) & np.isfinite(self.controls).all(axis=1)


class Estimator(Protocol):
    """Anything that foretells the mean of the usable rows in `start <= row < stop` from the rows before `start`."""

    def expectation(self, start: int, stop: int) -> StudentMixture: ...

    def trend_probability(self, start: int) -> float: ...


@dataclass(frozen=True)
class Fit:
    """A regression for each candidate of the grid, which is the first axis of each array."""

    evidence: Vector
    coefficients: Matrix
    inverse_gram: NDArray[np.float64]
    variance: Vector
    freedom: float


def seasonal_terms(length: int, seasons: Sequence[int]) -> Matrix:
    """Sine and cosine columns per season, all harmonics up to six; for a week this equals day-of-week dummies."""
    rows = np.arange(length)
    columns = []
    for season in seasons:
        for harmonic in range(1, min(season // 2, MOST_HARMONICS) + 1):
            angle = 2 * np.pi * harmonic * rows / season
            columns.append(np.cos(angle))
            if 2 * harmonic != season:
                columns.append(np.sin(angle))
    return np.stack(columns, axis=1) if columns else np.empty((length, 0))


# The default grid. Its priors are the price of ignorance: three months of data can hardly tell a slow drift from none,
# so the weight of "no drift" decides how coverage is shared between steady and drifting KPIs. These round figures hold
# it between 92 and 98 % in every world of benchmarks/metrics_impact.py.
DEFAULT_GRID = NoiseGrid.product(
    persistence={0.0: 0.70, 0.2: 0.10, 0.4: 0.10, 0.6: 0.07, 0.8: 0.03},
    drift_sd={0.0: 0.60, 0.2: 0.13, 0.3: 0.13, 0.4: 0.13, 1.0: 0.01},
)


@dataclass(frozen=True)
class Slopes:
    """Prior of a lasting trend and of an effect that grows: how probable, and its size in noise deviations per row."""

    probability: float
    deviation: float


DEFAULT_TREND = Slopes(probability=0.05, deviation=0.10)
DEFAULT_RAMP = Slopes(probability=0.30, deviation=0.10)


class StructuralEstimator:
    """Regression with AR(1) noise on a local level, averaged over a grid of noise settings, with and without a trend.

    Given the settings, coefficients have a flat prior, slopes a normal one, and s^2 Jeffreys' prior: the posterior is
    exact, the restricted likelihood weighs each candidate and the forecast is a Student mixture. The rows after the
    launch help to weigh the candidates through an intervention of unknown size (a step, or a step and a ramp), but
    never enter the forecast. Nothing is sampled: same data, same answer.

    Sources: A. C. Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), chapters 3 and 7;
    G. E. P. Box, G. C. Tiao, Intervention analysis with applications to economic and environmental problems, Journal
    of the American Statistical Association 70 (1975) 70-79; D. A. Harville, Bayesian inference for variance components
    using only error contrasts, Biometrika 61 (1974) 383-385; J. A. Hoeting et al., Bayesian model averaging: a
    tutorial, Statistical Science 14 (1999) 382-417; K. H. Brodersen et al., Inferring causal impact using Bayesian
    structural time-series models, Annals of Applied Statistics 9 (2015) 247-274.
    """

    def __init__(
        self,
        series: Series,
        *,
        grid: NoiseGrid = DEFAULT_GRID,
        trend: Slopes = DEFAULT_TREND,
        ramp: Slopes = DEFAULT_RAMP,
    ) -> None:
        rows = len(series.values)
        self.grid, self.trend, self.ramp = grid, trend, ramp
        self.usable = series.usable
        self.design = np.column_stack(
            [np.ones(rows), seasonal_terms(rows, series.seasons), _standardised(series), np.arange(rows, dtype=float)]
        )
        table = np.where(self.usable[:, None], np.column_stack([series.values, self.design]), 0.0)
        self.filtered: Filtered = kalman_filter(table, observed=self.usable, grid=grid)

    def expectation(self, start: int, stop: int) -> StudentMixture:
        shapes = self._shapes(start, stop)
        fits = [self._before(start, has_trend=has_trend) for has_trend in (False, True)]
        evidence = [self._evidence(stop, shapes, has_trend=has_trend) for has_trend in (False, True)]
        forecasts = [self._forecast(fit, start, stop) for fit in fits]
        return StudentMixture(
            weights=_softmax(np.concatenate(evidence)),
            centres=np.concatenate([centre for centre, _ in forecasts]),
            scales=np.concatenate([scale for _, scale in forecasts]),
            freedom=fits[0].freedom,
        )

    def trend_probability(self, start: int) -> float:
        """How probable a lasting trend was before `start`, given the rows before it."""
        level, sloped = (
            np.log(prior * self.grid.prior) + self._before(start, has_trend=has_trend).evidence
            for has_trend, prior in ((False, 1 - self.trend.probability), (True, self.trend.probability))
        )
        return float(_softmax(np.concatenate([level, sloped]))[len(level) :].sum())

    def _before(self, start: int, *, has_trend: bool) -> Fit:
        width = self.design.shape[1] - (0 if has_trend else 1)
        precision = np.zeros(width)
        if has_trend:
            precision[-1] = self.trend.deviation**-2
        return self._regress(self.filtered.whitened[:, :start, : width + 1], precision)

    def _shapes(self, start: int, stop: int) -> NDArray[np.float64]:
        """The whitened columns of an intervention at `start`: a step, and a ramp."""
        step = (np.arange(stop) >= start) * self.usable[:stop]
        columns = np.stack([step, step * (np.arange(stop) - start)], axis=1).astype(float)
        return kalman_filter(columns, observed=self.usable[:stop], grid=self.grid).whitened

    def _evidence(self, stop: int, shapes: NDArray[np.float64], *, has_trend: bool) -> Vector:
        """Log weight of each candidate, the unknown shape of the effect averaged out."""
        width = self.design.shape[1] + (1 if has_trend else 0)
        white = np.concatenate([self.filtered.whitened[:, :stop, :width], shapes], axis=2)
        precision = np.zeros(width + 1)
        precision[-1] = self.ramp.deviation**-2
        if has_trend:
            precision[width - 2] = self.trend.deviation**-2
        step = self._regress(white[:, :, :-1], precision[:-1]).evidence + np.log(1 - self.ramp.probability)
        ramp = self._regress(white, precision).evidence + np.log(self.ramp.probability)
        prior = self.trend.probability if has_trend else 1 - self.trend.probability
        return np.asarray(np.log(self.grid.prior * prior) + np.logaddexp(step, ramp))

    def _regress(self, white: NDArray[np.float64], precision: Vector) -> Fit:
        """Least squares of the first whitened column on the others; precision 0 is a flat prior."""
        rows = white.shape[1]
        moments = np.matmul(white.transpose(0, 2, 1), white)
        gram, cross, square = moments[:, 1:, 1:] + np.diag(precision + VAGUE), moments[:, 1:, 0], moments[:, 0, 0]
        freedom = float(self.usable[:rows].sum() - (precision == 0).sum())
        inverse = np.linalg.inv(gram)
        coefficients = np.einsum("gij,gj->gi", inverse, cross)
        residual = np.maximum(square - np.einsum("gi,gi->g", coefficients, cross), 1e-12 * square)
        evidence = 0.5 * (
            np.log(precision[precision > 0]).sum()
            - self.filtered.log_variance[:, :rows].sum(axis=1)
            - np.linalg.slogdet(gram)[1]
            - freedom * np.log(residual)
        )
        return Fit(evidence, coefficients, inverse, residual / freedom, freedom)

    def _forecast(self, fit: Fit, start: int, stop: int) -> tuple[Vector, Vector]:
        """Centre and scale of the mean over the usable rows, for each candidate."""
        rows = np.flatnonzero(self.usable[start:stop]) + start
        width = fit.coefficients.shape[1]
        expected, spread = self.filtered.continuation(start - 1, rows - start + 1)
        gap = self.design[rows, :width].mean(axis=0)[None, :] - expected[:, 1 : width + 1]
        centre = expected[:, 0] + np.einsum("gi,gi->g", gap, fit.coefficients)
        leverage = np.einsum("gi,gij,gj->g", gap, fit.inverse_gram, gap)
        return centre, np.sqrt(fit.variance * (spread + leverage))


def _standardised(series: Series) -> Matrix:
    """Controls around zero with unit spread, so that one vague prior suits them all; constant ones say nothing."""
    known = series.controls[series.usable]
    spread = known.std(axis=0)
    moving = spread > 0
    return np.asarray((series.controls - known.mean(axis=0))[:, moving] / spread[moving])


def _softmax(evidence: Vector) -> Vector:
    weights = np.exp(evidence - evidence.max())
    return np.asarray(weights / weights.sum())
