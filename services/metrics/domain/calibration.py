"""How good promises are: what was predicted against what was measured, and how to correct the next ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from services.metrics.domain.distributions import normal_cdf
from services.metrics.domain.windows import Prediction

RANGE_Z = 1.2816  # low and high are read as the 10th and the 90th percentile
WILSON_Z = 1.96
IMAGINED = 3.0


@dataclass(frozen=True)
class Kept:
    """One promise and what came of it: the measured effect with its interval, and whether the KPI improved."""

    prediction: Prediction
    effect: float
    low: float
    high: float
    is_improved: bool
    wants_increase: bool


@dataclass(frozen=True)
class Calibration:
    """What a set of promises was worth.

    `hit_rate` is the share of effects within the promised range, with its Wilson interval; `compatible_rate` the share
    whose interval touches the range. `bias` is the mean of effect minus likely, in the KPI's unit, and None across
    KPIs of different units. `realised` is how much of the promises came true, `factor` the same drawn by `IMAGINED`
    promises towards `drawn_towards`: what the next promises should be multiplied by. All promises together are drawn
    towards 1, as if these had been kept exactly; a part of them towards the factor of all. `brier` scores the
    probability of an improvement that the ranges imply (0 is perfect, 0.25 is a coin).

    Sources: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927)
    209-212; G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950)
    1-3; B. Efron, C. Morris, Stein's estimation rule and its competitors, JASA 68 (1973) 117-130.
    """

    count: int
    hit_rate: float
    hit_rate_low: float
    hit_rate_high: float
    compatible_rate: float
    bias: float | None
    realised: float | None
    factor: float
    drawn_towards: float
    brier: float


def calibrate(kept: Sequence[Kept], *, is_one_unit: bool, prior: float = 1.0) -> Calibration:
    """Score at least one promise; `prior` is what little is known of it is drawn towards."""
    hits = sum(each.prediction.low <= each.effect <= each.prediction.high for each in kept)
    touching = sum(each.low <= each.prediction.high and each.high >= each.prediction.low for each in kept)
    low, high = wilson(hits, len(kept))
    shares = [_share(each) for each in kept if each.prediction.likely]
    errors = [each.effect - each.prediction.likely for each in kept]
    return Calibration(
        count=len(kept),
        hit_rate=hits / len(kept),
        hit_rate_low=low,
        hit_rate_high=high,
        compatible_rate=touching / len(kept),
        bias=float(np.mean(errors)) if is_one_unit else None,
        realised=float(np.mean(shares)) if shares else None,
        factor=(IMAGINED * prior + sum(shares)) / (IMAGINED + len(shares)),
        drawn_towards=prior,
        brier=float(np.mean([(improvement_probability(each) - each.is_improved) ** 2 for each in kept])),
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    share, extra = hits / count, WILSON_Z**2 / count
    centre = (share + extra / 2) / (1 + extra)
    half = sqrt(share * (1 - share) * extra + extra**2 / 4) / (1 + extra)
    return max(0.0, centre - half), min(1.0, centre + half)


def improvement_probability(kept: Kept) -> float:
    """How probable the promise made an improvement: a normal distribution through its low and high."""
    spread = (kept.prediction.high - kept.prediction.low) / (2 * RANGE_Z)
    towards = kept.prediction.likely if kept.wants_increase else -kept.prediction.likely
    if spread == 0:
        return 1.0 if towards > 0 else 0.0
    return float(normal_cdf(np.array([towards / spread]))[0])


def _share(kept: Kept) -> float:
    """How much of the promise came true; one outcome does not outweigh all others, whatever it did."""
    return float(np.clip(kept.effect / kept.prediction.likely, -2.0, 3.0))
