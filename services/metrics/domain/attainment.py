"""How far a KPI is on the way to its target, and how probable it is to get there."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

import numpy as np
from numpy.typing import NDArray

from services.metrics.domain.distributions import normal_cdf
from services.metrics.domain.forecasting import Forecast, TooShort, filled, forecast
from services.metrics.domain.standing import Limits, share_of_way

Vector = NDArray[np.float64]

ON_TRACK = 0.6
AT_RISK = 0.3


class Status(StrEnum):
    REACHED = "reached"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MISSED = "missed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Goal:
    """A figure to reach from a baseline; `periods_left` until it is due, `span` periods make the figure.

    With `limits` whatever lies within them is good enough.
    """

    baseline: float | None
    value: float
    periods_gone: int
    periods_left: int
    span: int
    limits: Limits | None = None


@dataclass(frozen=True)
class Attainment:
    """`progress` is 0 at the baseline and 1 at the target; `pace` is where a straight line would be by now."""

    status: Status
    current: float | None
    progress: float | None
    pace: float
    expected: float | None
    probability: float | None
    method: str | None


def attain(values: Vector, goal: Goal, *, season: int) -> Attainment:
    """Judge a target by the last `span` figures and by the forecast of those that will be due.

    The probability takes the error of the forecast's mean as normal, with the spread that the method's own misses had.
    """
    known = filled(values)
    pace = goal.periods_gone / max(1, goal.periods_gone + goal.periods_left)
    if not len(known):
        return Attainment(Status.UNKNOWN, None, None, pace, None, None, None)
    current = float(known[-goal.span :].mean())
    baseline = goal.baseline if goal.baseline is not None else float(known[: goal.span].mean())
    progress = share_of_way(current, baseline=baseline, goal=goal.value, limits=goal.limits)
    if goal.periods_left <= 0:
        status = Status.REACHED if progress >= 1 else Status.MISSED
        return Attainment(status, current, progress, 1.0, current, float(progress >= 1), None)
    ahead = _ahead(values, goal, season=season)
    if ahead is None:
        status = Status.REACHED if progress >= 1 else Status.UNKNOWN
        return Attainment(status, current, progress, pace, None, None, None)
    expected, spread = ahead.mean_of_last(min(goal.span, goal.periods_left))
    probability = _probability(goal, expected, spread, is_rise=goal.value >= baseline)
    return Attainment(_status(progress, probability), current, progress, pace, expected, probability, ahead.method)


def _ahead(values: Vector, goal: Goal, *, season: int) -> Forecast | None:
    try:
        return forecast(values, horizon=goal.periods_left, season=season)
    except TooShort:
        return None


def _probability(goal: Goal, expected: float, spread: float, *, is_rise: bool) -> float:
    limits = goal.limits or (Limits(goal.value, inf) if is_rise else Limits(-inf, goal.value))
    if spread <= 0:
        return 1.0 if limits.distance(expected) == 0 else 0.0
    low, high = normal_cdf((np.array([limits.low, limits.high]) - expected) / spread)
    return float(high - low)


def _status(progress: float, probability: float) -> Status:
    if probability >= ON_TRACK:
        return Status.REACHED if progress >= 1 else Status.ON_TRACK
    return Status.AT_RISK if probability >= AT_RISK else Status.OFF_TRACK


@dataclass(frozen=True)
class Question:
    """A target to be judged elsewhere."""

    values: Vector
    goal: Goal
    season: int


def judge(question: Question, _report: object = None) -> Attainment:
    """`attain` in the form that a child process is asked in."""
    return attain(question.values, question.goal, season=question.season)
