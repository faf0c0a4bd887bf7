"""When a KPI began to behave otherwise: a series cut where that explains it best."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

LONGEST = 1_500
SHORTEST_SEGMENT = 2
NEAR = 2
WEIGHT = 0.25
CHANGE = 0.1
SHAPE, SCALE, PRIOR_ROWS = 1.0, 0.3, 0.1


@dataclass(frozen=True)
class ChangePoint:
    """From `row` on the figures lie about `after`, no more `before`; `probability` is that it lies within two rows."""

    row: int
    before: float
    after: float
    probability: float


def find_changes(values: Vector, *, season: int = 1) -> list[ChangePoint]:
    """The most probable cut of a series into stretches with a level and a spread of their own; NaN are gaps.

    A product partition model: each stretch is normal with unknown mean and variance (normal-inverse-gamma prior on the
    standardised series), each cut costs log(`CHANGE`), the best cut is found exactly by dynamic programming, and the
    probability of each by the forward and backward sums. A figure counts for `WEIGHT` of an independent one, as figures
    do whose neighbours correlate with .6: (1 - .6) / (1 + .6). What returns each season is taken out first.

    At most the last `LONGEST` figures are looked at. Sources: D. Barry, J. A. Hartigan, Annals of Statistics 20 (1992)
    260-279; P. Fearnhead, Statistics and Computing 16 (2006) 203-213.
    """
    rows = np.flatnonzero(np.isfinite(values))[-LONGEST:]
    if len(rows) < 2 * SHORTEST_SEGMENT:
        return []
    plain = _without_season(values, rows, season)
    scale = float(plain.std())
    if scale <= 1e-12 * (1 + float(np.abs(plain).max())):
        return []
    evidence = _evidence((plain - plain.mean()) / scale)
    certain = _certainty(evidence)
    cuts = _best_cuts(evidence)
    ends = [*cuts, len(rows)]
    means = [float(values[rows[begin:end]].mean()) for begin, end in zip([0, *cuts], ends, strict=True)]
    near = [float(certain[max(1, cut - NEAR) : cut + NEAR + 1].sum()) for cut in cuts]
    return [
        ChangePoint(int(rows[cut]), before, after, min(1.0, probability))
        for cut, before, after, probability in zip(cuts, means[:-1], means[1:], near, strict=True)
    ]


def _without_season(values: Vector, rows: NDArray[np.intp], season: int) -> Vector:
    """Each figure less the median of its place in the season, measured from the season's own middle."""
    plain = values[rows].astype(np.float64)
    if season < 2 or len(rows) < 4 * season:
        return plain
    around = np.convolve(np.pad(plain, season // 2, mode="edge"), np.ones(season) / season, "same")
    left, place = plain - around[season // 2 : season // 2 + len(plain)], rows % season
    usual = np.zeros(season)
    for each in np.unique(place):
        usual[each] = np.median(left[place == each])
    return np.asarray(plain - (usual - usual.mean())[place])


def _evidence(x: Vector) -> Matrix:
    """Row i, column j: the log marginal likelihood of the stretch from i up to but not including j; else -inf."""
    size = len(x)
    length = np.arange(size + 1)[None, :] - np.arange(size + 1)[:, None]
    count = np.maximum(length, 1) * WEIGHT
    sums, squares = (np.concatenate(([0.0], np.cumsum(each))) for each in (x, x * x))
    total = (sums[None, :] - sums[:, None]) * WEIGHT
    square = (squares[None, :] - squares[:, None]) * WEIGHT
    mean = total / count
    rate = SCALE + (square - total * mean) / 2 + PRIOR_ROWS * count * mean**2 / (2 * (PRIOR_ROWS + count))
    gammas = np.array([lgamma(SHAPE + max(each, 1) * WEIGHT / 2) for each in range(size + 1)])
    log_evidence = (
        gammas[np.clip(length, 0, size)]
        - lgamma(SHAPE)
        + SHAPE * log(SCALE)
        - (SHAPE + count / 2) * np.log(np.maximum(rate, 1e-300))
        + (log(PRIOR_ROWS) - np.log(PRIOR_ROWS + count)) / 2
        - count / 2 * log(2 * pi)
    )
    return np.where(length >= SHORTEST_SEGMENT, log_evidence, -np.inf)


def _best_cuts(evidence: Matrix) -> list[int]:
    size = len(evidence) - 1
    best = np.full(size + 1, -np.inf)
    best[0], came_from = -log(CHANGE), np.zeros(size + 1, dtype=int)
    for end in range(1, size + 1):
        worth = best[:end] + evidence[:end, end] + log(CHANGE)
        came_from[end] = int(np.argmax(worth))
        best[end] = worth[came_from[end]]
    cuts, end = [], int(came_from[size])
    while end > 0:
        cuts.append(end)
        end = int(came_from[end])
    return cuts[::-1]


def _certainty(evidence: Matrix) -> Vector:
    """By row, the probability that a stretch begins there."""
    size = len(evidence) - 1
    forward, backward = np.full(size + 1, -np.inf), np.full(size + 1, -np.inf)
    forward[0], backward[size] = -log(CHANGE), -log(CHANGE)
    for end in range(1, size + 1):
        forward[end] = _log_sum(forward[:end] + evidence[:end, end]) + log(CHANGE)
    for begin in range(size - 1, -1, -1):
        backward[begin] = _log_sum(backward[begin + 1 :] + evidence[begin, begin + 1 :]) + log(CHANGE)
    certain = np.exp(forward + backward + log(CHANGE) - forward[size])
    certain[[0, size]] = 0
    return np.asarray(certain)


def _log_sum(values: Vector) -> float:
    top = float(values.max())
    return top + log(float(np.exp(values - top).sum())) if np.isfinite(top) else -np.inf


@dataclass(frozen=True)
class Question:
    """Series to be cut elsewhere."""

    series: Sequence[Vector]
    season: int


def search(question: Question, _report: object = None) -> list[list[ChangePoint]]:
    """`find_changes` for several series, in the form that a child process is asked in."""
    return [find_changes(values, season=question.season) for values in question.series]
