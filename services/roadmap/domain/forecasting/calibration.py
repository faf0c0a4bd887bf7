"""What a team's finished work says of its estimates: how often reality fell within, and what would correct it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from services.roadmap.domain.forecasting.durations import Z90, Correction, Range, lognormal_of

PRIOR_WEIGHT = 5.0
"""As if so many unbiased, well-spread estimates had been seen before: a handful must not swing the forecast."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What was estimated and what it took, in person-days."""

    estimate: Range
    actual: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`coverage`: the share of actuals within P10 to P90 (good: 0.8). `bias`: typical actual over typical estimate."""

    tasks: int
    coverage: float | None
    bias: float | None
    correction: Correction


def calibration_of(history: Sequence[Finished]) -> Calibration:
    """Standard scores of the logarithms; their mean and spread, drawn towards 0 and 1, give the correction.

    Empirical Bayes with a normal prior of weight PRIOR_WEIGHT (B. Efron, C. Morris, Scientific American 236, 1977).
    """
    usable = [each for each in history if each.actual > 0]
    if not usable:
        return Calibration(0, None, None, Correction())
    fitted = [lognormal_of(each.estimate) for each in usable]
    logs = [log(each.actual) - each_fit.mean for each, each_fit in zip(usable, fitted, strict=True)]
    shift = sum(logs) / (len(logs) + PRIOR_WEIGHT)
    scores = [(each - shift) / fit.spread for each, fit in zip(logs, fitted, strict=True)]
    variance = (sum(score * score for score in scores) + PRIOR_WEIGHT) / (len(scores) + PRIOR_WEIGHT)
    inside = sum(
        fit.quantile(-Z90) <= each.actual <= fit.quantile(Z90) for each, fit in zip(usable, fitted, strict=True)
    )
    return Calibration(
        tasks=len(usable),
        coverage=inside / len(usable),
        bias=exp(sum(logs) / len(logs)),
        correction=Correction(factor=exp(shift), widening=sqrt(variance)),
    )
