"""Did it work? A launch's effect on a KPI with an honest interval, and a verdict that is never forced."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt

import numpy as np

from services.metrics.domain.counterfactual import Estimator, InterventionEstimator, Series
from services.metrics.domain.distributions import StudentMixture

LEVEL = 0.95
INTERIM_LEVEL = 0.999
LEAST_BEFORE = 28
LEAST_AFTER = 7
LEAST_SHARE = 0.5
NEGLIGIBLE_SHARE = 0.01
PLACEBO_PRIOR = 5.0
WORST_WIDENING = 2.0
CLEAR_TREND = 0.9


class Verdict(StrEnum):
    IMPROVED = "improved"
    WORSE = "worse"
    NO_EFFECT = "no_effect"
    INCONCLUSIVE = "inconclusive"


class Grade(StrEnum):
    """How far the evidence carries: a randomised experiment, control series, or before and after alone."""

    EXPERIMENT = "A"
    CONTROLS = "B"
    BEFORE_AFTER = "C"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    BAND = "band"


class Doubt(StrEnum):
    """Why a verdict is withheld."""

    TOO_FEW_POINTS_BEFORE = "too_few_points_before"
    TOO_FEW_POINTS_AFTER = "too_few_points_after"
    TOO_MANY_GAPS = "too_many_gaps"
    NO_VARIATION_BEFORE = "no_variation_before"
    PLACEBO_FAILED = "placebo_failed"
    WINDOW_OPEN = "window_open"
    INTERVAL_TOO_WIDE = "interval_too_wide"


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Aim:
    """Where the KPI should go; `band` is the wanted range when the direction is `band`."""

    direction: Direction
    band: Interval | None = None

    def gain(self, *, actual: float, expected: Interval) -> Interval:
        """By how much things got better than expected, in the KPI's unit: positive is good."""
        if self.band is None or self.direction is not Direction.BAND:
            sign = -1.0 if self.direction is Direction.DOWN else 1.0
            ends = sorted((sign * (actual - expected.low), sign * (actual - expected.high)))
            return Interval(ends[0], ends[1])
        ends = [self._distance(end) for end in (expected.low, expected.high)]
        crosses = expected.low <= self.band.high and expected.high >= self.band.low
        reached = self._distance(actual)
        return Interval((0.0 if crosses else min(ends)) - reached, max(ends) - reached)

    def _distance(self, value: float) -> float:
        band = self.band or Interval(-inf, inf)
        return max(band.low - value, value - band.high, 0.0)


@dataclass(frozen=True)
class Placebo:
    """What pretended launches before the real one showed: how many, how many intervals held, and the widening."""

    count: int
    held: int
    widening: float


@dataclass(frozen=True)
class Impact:
    """The measured effect on the mean of the KPI per row, and what may be concluded from it."""

    verdict: Verdict
    grade: Grade
    doubts: tuple[Doubt, ...]
    points_before: int
    points_after: int
    level: float
    actual: float | None = None
    expected: float | None = None
    effect: float | None = None
    interval: Interval | None = None
    negligible: float | None = None
    placebo: Placebo | None = None
    trend_probability: float | None = None

    @property
    def relative_effect(self) -> float | None:
        if self.effect is None or not self.expected:
            return None
        return self.effect / abs(self.expected)

    @property
    def has_pre_trend(self) -> bool:
        """Whether the KPI was already moving: the trend is part of the expectation, but readers should know."""
        return (self.trend_probability or 0.0) > CLEAR_TREND


@dataclass(frozen=True)
class Launch:
    """One effect to judge: rows from `row` on are after the launch.

    `negligible` is the largest effect, in the KPI's unit, that nobody would act on; without it one hundredth of the
    expected value is taken. `is_final` is False while the agreed window still runs: an early look then has to clear
    `INTERIM_LEVEL`, so that looking often cannot make an effect (J. L. Haybittle, Repeated assessment of results in
    clinical trials of cancer treatment, British Journal of Radiology 44 (1971) 793-797).
    """

    series: Series
    row: int
    aim: Aim
    negligible: float | None = None
    is_final: bool = True


EstimatorFactory = Callable[[Series], Estimator]


def assess(launch: Launch, *, estimator: EstimatorFactory = InterventionEstimator) -> Impact:
    """Judge a launch.

    The interval of the mean effect comes from the estimator, widened by what placebo launches before the real one
    demand. The verdict is `improved` or `worse` when the interval of the gain leaves zero, `no_effect` when it lies
    within +-negligible (D. J. Schuirmann, A comparison of the two one-sided tests procedure, Journal of
    Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680), and otherwise `inconclusive` with the reasons.
    """
    usable = launch.series.usable
    before, after = int(usable[: launch.row].sum()), int(usable[launch.row :].sum())
    grade = Grade.CONTROLS if launch.series.controls.shape[1] else Grade.BEFORE_AFTER
    level = LEVEL if launch.is_final else INTERIM_LEVEL
    if doubts := _data_doubts(launch, before=before, after=after):
        return Impact(Verdict.INCONCLUSIVE, grade, doubts, before, after, level)
    model = estimator(launch.series)
    placebo = _placebo(model, launch)
    stop = len(launch.series.values)
    effect = model.effect(launch.row, stop)
    interval = _widened(effect, level=level, widening=placebo.widening)
    actual = _mean(launch.series, launch.row, stop)
    expected = actual - effect.mean
    negligible = launch.negligible if launch.negligible is not None else NEGLIGIBLE_SHARE * abs(expected)
    gain = launch.aim.gain(actual=actual, expected=Interval(actual - interval.high, actual - interval.low))
    verdict, reasons = _judge(launch, gain, negligible, placebo)
    return Impact(
        verdict=verdict,
        grade=grade,
        doubts=reasons,
        points_before=before,
        points_after=after,
        level=level,
        actual=actual,
        expected=expected,
        effect=effect.mean,
        interval=interval,
        negligible=negligible,
        placebo=placebo,
        trend_probability=model.trend_probability(launch.row),
    )


def _data_doubts(launch: Launch, *, before: int, after: int) -> tuple[Doubt, ...]:
    usable, values = launch.series.usable, launch.series.values
    season = max(launch.series.seasons, default=1)
    columns = 1 + launch.series.controls.shape[1]
    known = values[: launch.row][usable[: launch.row]]
    checks = {
        Doubt.TOO_FEW_POINTS_BEFORE: before < max(LEAST_BEFORE, 3 * season, 10 * columns),
        Doubt.TOO_FEW_POINTS_AFTER: after < max(LEAST_AFTER, season),
        Doubt.TOO_MANY_GAPS: float(usable.mean()) < LEAST_SHARE,
        Doubt.NO_VARIATION_BEFORE: before > 0 and float(np.ptp(known)) == 0.0,
    }
    return tuple(doubt for doubt, applies in checks.items() if applies)


def _judge(launch: Launch, gain: Interval, negligible: float, placebo: Placebo) -> tuple[Verdict, tuple[Doubt, ...]]:
    if placebo.widening > WORST_WIDENING:
        return Verdict.INCONCLUSIVE, (Doubt.PLACEBO_FAILED,)
    if gain.low > 0:
        return Verdict.IMPROVED, ()
    if gain.high < 0:
        return Verdict.WORSE, ()
    if launch.is_final and -negligible <= gain.low and gain.high <= negligible:
        return Verdict.NO_EFFECT, ()
    return Verdict.INCONCLUSIVE, (Doubt.INTERVAL_TOO_WIDE if launch.is_final else Doubt.WINDOW_OPEN,)


def _placebo(model: Estimator, launch: Launch) -> Placebo:
    """Pretend launches in the second half of the time before, each as long as the real window and none overlapping.

    Widening is the root mean square of the standardised misses, shrunk towards one by `PLACEBO_PRIOR` imaginary
    placebos that behaved, and never below one.

    Source: A. Abadie, A. Diamond, J. Hainmueller, Synthetic control methods for comparative case studies, Journal of
    the American Statistical Association 105 (2010) 493-505, section 2.4 (in-time placebos).
    """
    season = max(launch.series.seasons, default=1)
    length = min(len(launch.series.values) - launch.row, launch.row // 4)
    starts = range(launch.row - length, max(launch.row // 2, LEAST_BEFORE, 3 * season) - 1, -length)
    usable = launch.series.usable
    misses = []
    for start in starts:
        if usable[start : start + length].sum() >= max(2, length // 2):
            low, high = model.effect(start, start + length).interval(LEVEL)
            misses.append((low + high) / (high - low))
    squares = sum((1.96 * miss) ** 2 for miss in misses)
    widening = max(1.0, sqrt((PLACEBO_PRIOR + squares) / (PLACEBO_PRIOR + len(misses))))
    return Placebo(len(misses), sum(abs(miss) <= 1 for miss in misses), widening)


def _widened(effect: StudentMixture, *, level: float, widening: float) -> Interval:
    low, high = effect.interval(level)
    centre = (low + high) / 2
    return Interval(centre - widening * (centre - low), centre + widening * (high - centre))


def _mean(series: Series, start: int, stop: int) -> float:
    return float(series.values[start:stop][series.usable[start:stop]].mean())


def judge(launch: Launch, _report: object = None) -> Impact:
    """`assess` in the form that a child process is asked in."""
    return assess(launch)
