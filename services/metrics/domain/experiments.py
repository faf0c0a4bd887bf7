"""What an experiment shows, at any moment and as often as one likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, log, sqrt

import numpy as np

from services.metrics.domain.distributions import normal_cdf
from services.metrics.domain.impact import Aim, Interval, Verdict

ALPHA = 0.05
MISMATCH_BELOW = 0.001
LEAST_PER_ARM = 50


class Measure(StrEnum):
    MEAN = "mean"
    PROPORTION = "proportion"
    RATIO = "ratio"


class Advice(StrEnum):
    KEEP_RUNNING = "keep_running"
    SHIP = "ship"
    DROP = "drop"
    STOP_WITHOUT_EFFECT = "stop_without_effect"
    REPAIR_ASSIGNMENT = "repair_assignment"
    STOP_FOR_GUARDRAIL = "stop_for_guardrail"


@dataclass(frozen=True)
class Totals:
    """What one arm adds up to: units, their figures y, and what goes with each unit (x).

    For a mean or a proportion x is a covariate from before the experiment, for a ratio it is the denominator.
    """

    units: int
    total: float
    squares: float
    other_total: float = 0.0
    other_squares: float = 0.0
    products: float = 0.0

    @property
    def mean(self) -> float:
        return self.total / self.units

    @property
    def other_mean(self) -> float:
        return self.other_total / self.units

    @property
    def variance(self) -> float:
        return _moment(self.squares, self.total, self.total, self.units)

    @property
    def other_variance(self) -> float:
        return _moment(self.other_squares, self.other_total, self.other_total, self.units)

    @property
    def covariance(self) -> float:
        return _moment(self.products, self.total, self.other_total, self.units)


@dataclass(frozen=True)
class Difference:
    """Treatment minus control: estimate, interval that holds at every look, and how much the covariate helped."""

    estimate: float
    interval: Interval
    control: float
    variance_kept: float


@dataclass(frozen=True)
class Balance:
    """How far an arm's units were off the control's before the experiment began.

    `difference` counts standard deviations of the covariate, `p` says how probable one as large is by chance.
    """

    difference: float
    p: float

    @property
    def is_lost(self) -> bool:
        return self.p < MISMATCH_BELOW


@dataclass(frozen=True)
class Readout:
    """What may be concluded now."""

    verdict: Verdict
    advice: Advice
    difference: Difference | None
    mismatch_p: float
    is_mismatch: bool
    balance: Balance | None = None


def read_out(
    arms: Mapping[str, Totals],
    shares: Mapping[str, float],
    *,
    control: str,
    treatment: str,
    measure: Measure,
    aim: Aim,
    planned_units: int,
    negligible: float,
) -> Readout:
    """Judge one treatment; looking often does no harm, for the interval holds at all times together."""
    mismatch_p = sample_ratio_p([arms[name].units for name in shares], list(shares.values()))
    is_mismatch = mismatch_p < MISMATCH_BELOW
    if is_mismatch:
        return Readout(Verdict.INCONCLUSIVE, Advice.REPAIR_ASSIGNMENT, None, mismatch_p, is_mismatch=True)
    if min(arms[control].units, arms[treatment].units) < LEAST_PER_ARM:
        return Readout(Verdict.INCONCLUSIVE, Advice.KEEP_RUNNING, None, mismatch_p, is_mismatch=False)
    balance = None if measure is Measure.RATIO else covariate_balance(arms[control], arms[treatment])
    if balance is not None and balance.is_lost:
        repair = Advice.REPAIR_ASSIGNMENT
        return Readout(Verdict.INCONCLUSIVE, repair, None, mismatch_p, is_mismatch=False, balance=balance)
    found = compare(arms[control], arms[treatment], measure=measure, planned_units=planned_units)
    verdict, advice = judge(found, aim, negligible)
    return Readout(verdict, advice, found, mismatch_p, is_mismatch=False, balance=balance)


def judge(found: Difference, aim: Aim, negligible: float) -> tuple[Verdict, Advice]:
    """What a difference and its interval let conclude, whoever worked them out."""
    gain = _gain(found, aim)
    if gain.low > 0:
        return Verdict.IMPROVED, Advice.SHIP
    if gain.high < 0:
        return Verdict.WORSE, Advice.DROP
    if -negligible <= gain.low and gain.high <= negligible:
        return Verdict.NO_EFFECT, Advice.STOP_WITHOUT_EFFECT
    return Verdict.INCONCLUSIVE, Advice.KEEP_RUNNING


def compare(control: Totals, treatment: Totals, *, measure: Measure, planned_units: int) -> Difference:
    """The difference with an interval that is valid at every look.

    Means and proportions are adjusted by the covariate where there is one (CUPED): y - theta (x - mean x) with theta =
    cov(x, y) / var(x), pooled. Ratios have the variance of the delta method.

    Sources: A. Deng, Y. Xu, R. Kohavi, T. Walker, Improving the sensitivity of online controlled experiments by
    utilizing pre-experiment data, WSDM 2013; A. Deng, U. Knoblich, J. Lu, Applying the delta method in metric
    analytics, KDD 2018.
    """
    if measure is Measure.RATIO:
        centre, spread = _ratio(control, treatment)
        base, kept = control.total / control.other_total, 1.0
    else:
        centre, spread, kept = _adjusted(control, treatment)
        base = control.mean
    half = sequence_half_width(spread, units=control.units + treatment.units, planned_units=planned_units)
    return Difference(centre, Interval(centre - half, centre + half), base, kept)


def sequence_half_width(spread: float, *, units: int, planned_units: int, alpha: float = ALPHA) -> float:
    """Half the width of the asymptotic confidence sequence; `spread` is the standard error of the estimate.

    spread sqrt(2 (n r + 1) / (n r) ln(sqrt(n r + 1) / alpha)), with r chosen so that it is tightest at `planned_units`.

    Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, Time-uniform central limit theory and
    asymptotic confidence sequences, Annals of Statistics 52 (2024) 2613-2640, theorem 2.2 and section B.2.
    """
    rate = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / planned_units
    scaled = units * rate
    return spread * sqrt(2 * (scaled + 1) / scaled * log(sqrt(scaled + 1) / alpha))


def sample_ratio_p(units: Sequence[int], shares: Sequence[float]) -> float:
    """How probable counts at least this far from the agreed shares are by chance (Pearson's chi-squared test).

    For more than two arms the tail is Wilson and Hilferty's cube-root approximation.

    Source: A. Fabijan et al., Diagnosing sample ratio mismatch in online controlled experiments, KDD 2019; E. B.
    Wilson, M. M. Hilferty, The distribution of chi-square, PNAS 17 (1931) 684-688.
    """
    whole = sum(units)
    if whole == 0:
        return 1.0
    expected = [whole * share / sum(shares) for share in shares]
    statistic = sum((count - hoped) ** 2 / hoped for count, hoped in zip(units, expected, strict=True))
    freedom = len(units) - 1
    if freedom == 1:
        return erfc(sqrt(statistic / 2))
    deviate = ((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / sqrt(2 / (9 * freedom))
    return float(1 - normal_cdf(np.array([deviate]))[0])


def breaks(guardrail: Difference, aim: Aim) -> bool:
    """Whether a KPI that may not suffer suffers for certain."""
    return _gain(guardrail, aim).high < 0


def covariate_balance(control: Totals, treatment: Totals) -> Balance | None:
    """Whether chance alone made the arms, by a figure from before; None where no such figure differs between units.

    The standardised mean difference, and the two-sided tail of its z-test, which holds for arms of at least some fifty.

    Source: P. C. Austin, Balance diagnostics for comparing the distribution of baseline covariates, Statistics in
    Medicine 28 (2009) 3083-3107, section 2.
    """
    deviation = sqrt((control.other_variance + treatment.other_variance) / 2)
    error = sqrt(control.other_variance / control.units + treatment.other_variance / treatment.units)
    if not deviation:
        return None
    difference = treatment.other_mean - control.other_mean
    return Balance(difference / deviation, erfc(abs(difference) / error / sqrt(2)))


def _gain(found: Difference, aim: Aim) -> Interval:
    actual = found.control + found.estimate
    return aim.gain(actual=actual, expected=Interval(actual - found.interval.high, actual - found.interval.low))


def _adjusted(control: Totals, treatment: Totals) -> tuple[float, float, float]:
    arms = (control, treatment)
    spread = sum(arm.other_variance for arm in arms)
    theta = sum(arm.covariance for arm in arms) / spread if spread > 0 else 0.0
    raw = [arm.variance for arm in arms]
    left = [max(0.0, arm.variance - 2 * theta * arm.covariance + theta**2 * arm.other_variance) for arm in arms]
    centre = treatment.mean - control.mean - theta * (treatment.other_mean - control.other_mean)
    error = sqrt(sum(variance / arm.units for variance, arm in zip(left, arms, strict=True)))
    return centre, error, sum(left) / sum(raw) if sum(raw) > 0 else 1.0


def _ratio(control: Totals, treatment: Totals) -> tuple[float, float]:
    ratios, errors = [], []
    for arm in (control, treatment):
        ratio = arm.total / arm.other_total
        variance = arm.variance - 2 * ratio * arm.covariance + ratio**2 * arm.other_variance
        ratios.append(ratio)
        errors.append(max(0.0, variance) / arm.units / arm.other_mean**2)
    return ratios[1] - ratios[0], sqrt(sum(errors))


def _moment(products: float, first: float, second: float, units: int) -> float:
    return (products - first * second / units) / (units - 1)
