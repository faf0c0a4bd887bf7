"""Moments that are unlike everything before them: in level, time of the season, drift, spread or shape."""

import warnings
from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import erfc, exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from services.metrics.domain.anomalies.told import Anomaly, Kind, Vector

LIMIT = 3.8  # less than one alarm in a thousand figures of generated series without anomalies
FIRST = 30  # scores of so few figures say nothing, and a rank among so few neither
SEASONS = 4
FAST, SLOW = 0.05, 0.001
RECENT = 64
WINDOW, NEAREST, WINDOWS, FIRST_WINDOWS, AT_ONCE = 12, 12, 1_500, 150, 64
FLOOR = 1e-6
QUIET = 0.05
RARER = log(10)
USUAL = 0.99
NORMAL = NormalDist()


class Aspect(IntEnum):
    """In what a moment can be new: each has a score, which only the past goes into."""

    LEVEL = 0
    SEASON = 1
    DRIFT = 2
    SPREAD = 3
    SHAPE = 4


KINDS = {Aspect.DRIFT: Kind.LEVEL_SHIFT, Aspect.SPREAD: Kind.SPREAD, Aspect.SHAPE: Kind.PATTERN}


def find_novelties(values: Vector, *, season: int, limit: float = LIMIT) -> list[Anomaly]:
    """Walk through a series and name each moment that its past holds nothing like; NaN are gaps.

    Five scores are each ranked among all their earlier values, which makes them p-values whatever the figures'
    distribution is (V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World (2005), chapter 2; with
    nearest neighbours of lagged windows: E. Burnaev, V. Ishimtsev, Conformalized density- and distance-based anomaly
    detection in time-series data, arXiv 1608.04585 (2016)), and joined by Fisher's sum of logarithms (R. A. Fisher,
    Statistical Methods for Research Workers, 4th ed. (1932), section 21.1). What is rarer than `limit` standard
    deviations of a normal distribution is told; after that it is quiet for a twentieth of the past, but for what is
    ten times rarer. It is for series that come back to where they were: under a trend the level is always new.
    """
    rows = np.flatnonzero(np.isfinite(values))
    figures = values[rows]
    if len(figures) <= 2 * FIRST:
        return []
    usual = _same_place(values, season)[rows]
    surprises = np.stack([_surprise(score) for score in _scores(figures, usual)])
    walked = _Walked(rows, figures, usual, surprises, _joined(surprises))
    return [walked.anomaly(place) for place in walked.told(-log(erfc(limit / sqrt(2))))]


@dataclass(frozen=True)
class _Walked:
    """The figures without gaps, and what is known of each."""

    rows: NDArray[np.intp]
    figures: Vector
    usual: Vector
    surprises: Vector
    rarity: Vector

    def told(self, least: float) -> Iterator[int]:
        """The places to tell of, quiet after each."""
        quiet_until, last = 0.0, 0.0
        for place in np.flatnonzero(self.rarity >= least).tolist():
            if place >= quiet_until or self.rarity[place] >= last + RARER:
                quiet_until, last = place * (1 + QUIET), float(self.rarity[place])
                yield place

    def anomaly(self, place: int) -> Anomaly:
        aspect = Aspect(int(np.nanargmax(self.surprises[:, place])))
        past, value = self.figures[:place], float(self.figures[place])
        is_seasonal = aspect is Aspect.SEASON
        expected = float(self.usual[place]) if is_seasonal else float(past.mean())
        misses = np.abs(past - self.usual[:place]) if is_seasonal else np.abs(past - expected)
        half = float(np.nanquantile(misses, USUAL))
        kind = KINDS.get(aspect, Kind.SPIKE if value > expected else Kind.DIP)
        score = -NORMAL.inv_cdf(exp(-self.rarity[place]) / 2)
        return Anomaly(int(self.rows[place]), kind, value, expected, expected - half, expected + half, score)


def _scores(figures: Vector, usual: Vector) -> list[Vector]:
    """In the order of `Aspect`; NaN where there is nothing to score yet."""
    off_usual = np.full(len(figures), np.nan)
    known = np.isfinite(usual)
    off_usual[known] = _off_level((figures - usual)[known])
    return [_off_level(figures), off_usual, _drifted(figures), _spread(figures), _unlike(figures)]


def _same_place(values: Vector, season: int) -> Vector:
    """The median of the figures at the same place of the last `SEASONS` seasons; NaN without any."""
    past = np.full((SEASONS, len(values)), np.nan)
    if season > 1:
        for back in range(1, SEASONS + 1):
            past[back - 1, season * back :] = values[: max(0, len(values) - season * back)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)  # all gaps: NaN is the answer
        return np.asarray(np.nanmedian(past, axis=0))


def _moments(figures: Vector) -> tuple[Vector, Vector]:
    """Mean and variance of the first 0, 1, 2, ... figures."""
    centred = figures - figures[:FIRST].mean()
    counts = np.maximum(1, np.arange(len(figures) + 1))
    means = np.concatenate([[0.0], np.cumsum(centred)]) / counts
    squares = np.concatenate([[0.0], np.cumsum(centred**2)]) / counts
    return means + figures[:FIRST].mean(), np.maximum(squares - means**2, 0)


def _off_level(figures: Vector) -> Vector:
    """How far each lies off the mean of all before it, in their standard deviations."""
    if not len(figures):
        return figures
    means, variances = (each[:-1] for each in _moments(figures))
    return _started(np.abs(figures - means) / (np.sqrt(variances) + FLOOR * (1 + np.abs(means))), FIRST)


def _drifted(figures: Vector) -> Vector:
    """How far a fast moving mean is off a slow one, in the slow one's standard deviations."""
    scores = np.empty(len(figures))
    fast = slow = float(figures[0])
    variance = 0.0
    for place, figure in enumerate(figures.tolist()):
        fast += FAST * (figure - fast)
        scores[place] = abs(fast - slow) / (variance**0.5 + FLOOR * (1 + abs(slow)))
        off = figure - slow
        slow += SLOW * off
        variance = (1 - SLOW) * (variance + SLOW * off * off)
    return _started(scores, FIRST)


def _spread(figures: Vector) -> Vector:
    """The logarithm, without its sign, of the recent variance over that of all before."""
    scores = np.full(len(figures), np.nan)
    if len(figures) <= RECENT:
        return scores
    means, before = (each[1:-RECENT] for each in _moments(figures))
    recent = np.lib.stride_tricks.sliding_window_view(figures, RECENT)[1:].var(axis=1)
    floor = (FLOOR * (1 + np.abs(means))) ** 2
    scores[RECENT:] = np.abs(np.log((recent + floor) / (before + floor)))
    return _started(scores, RECENT + FIRST)


def _unlike(figures: Vector) -> Vector:
    """The summed squared distances of the last figures, as one window, to the nearest of the windows before it."""
    scores = np.full(len(figures), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(figures, WINDOW)
    centre = figures[: FIRST_WINDOWS + WINDOW].mean()
    windows = windows - centre
    squares = (windows**2).sum(axis=1)
    for begin in range(FIRST_WINDOWS, len(windows), AT_ONCE):
        end = min(begin + AT_ONCE, len(windows))
        past = slice(max(0, begin - WINDOW + 1 - WINDOWS), begin - WINDOW + 1)
        distances = squares[begin:end, None] + squares[None, past] - 2 * windows[begin:end] @ windows[past].T
        nearest = np.partition(distances, NEAREST, axis=1)[:, :NEAREST]
        scores[begin + WINDOW - 1 : end + WINDOW - 1] = np.maximum(nearest, 0).sum(axis=1)
    return scores


def _started(scores: Vector, place: int) -> Vector:
    scores[:place] = np.nan
    return scores


def _surprise(scores: Vector) -> Vector:
    """-log of the share of earlier scores, and this one, that are as high; NaN among less than `FIRST`."""
    surprises = np.full(len(scores), np.nan)
    earlier: list[float] = []
    for place in np.flatnonzero(np.isfinite(scores)).tolist():
        score = float(scores[place])
        if len(earlier) >= FIRST:
            as_high = len(earlier) - bisect_left(earlier, score)
            surprises[place] = log((len(earlier) + 1) / (as_high + 1))
        insort(earlier, score)
    return surprises


def _joined(surprises: Vector) -> Vector:
    """-log of the p-value of Fisher's sum: the tail of chi-squared with two degrees of freedom for each surprise."""
    known = np.isfinite(surprises).sum(axis=0)
    total = np.nansum(surprises, axis=0)
    term, tail = np.ones(len(total)), np.ones(len(total))
    for order in range(1, len(surprises)):
        term = term * total / order
        tail += np.where(order < known, term, 0)
    return np.asarray(np.where(known > 0, total - np.log(tail), 0))
