"""What experts believe of the chance that something can be done, and what a score is worth with that chance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.requirements.domain.scoring import PERT_WEIGHT, Range


class Aspect(StrEnum):
    """What may stand in the way."""

    TECHNICAL = "technical"
    LEGAL = "legal"
    DEPENDENCY = "dependency"


@dataclass(frozen=True)
class Chance:
    """A chance with the widest range that anybody gave it."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Feasibility:
    """The chance of each aspect that was judged, and of all of them together."""

    aspects: Mapping[Aspect, Chance]
    together: Chance


@dataclass(frozen=True)
class Adjusted:
    """A score with its chance: `score` is None where nobody has judged; the rank counts that as certain."""

    score: float | None
    rank: int


def risk_adjusted(scores: Mapping[str, tuple[float, Feasibility | None]]) -> dict[str, Adjusted]:
    """The expected score, score x chance, in the order that it makes; equal ones in the order given."""
    expected = {key: score * (found.together.mean if found else 1.0) for key, (score, found) in scores.items()}
    order = sorted(expected, key=lambda key: -expected[key])
    ranks = {key: rank for rank, key in enumerate(order, start=1)}
    return {key: Adjusted(expected[key] if found else None, ranks[key]) for key, (_, found) in scores.items()}


def pert_mean(given: Range) -> float:
    """(low + 4 likely + high) / 6.

    Source: Malcolm, Roseboom, Clark and Fazar, Operations Research 7(5), 1959.
    """
    return (given.low + PERT_WEIGHT * given.likely + given.high) / (PERT_WEIGHT + 2)


def opinion_pool(ranges: Sequence[Range]) -> Chance:
    """Experts with equal weight: the mean of the means that their ranges have.

    Source: M. Stone, The opinion pool, Annals of Mathematical Statistics 32(4), 1961.
    """
    return Chance(
        low=min(each.low for each in ranges),
        mean=math.fsum(map(pert_mean, ranges)) / len(ranges),
        high=max(each.high for each in ranges),
    )


def combined(judgements: Mapping[Aspect, Sequence[Range]]) -> Feasibility | None:
    """All aspects must hold, each by itself: their chances are multiplied. None when nobody has judged."""
    aspects = {aspect: opinion_pool(ranges) for aspect, ranges in sorted(judgements.items()) if ranges}
    if not aspects:
        return None
    chances = list(aspects.values())
    together = Chance(
        low=math.prod(each.low for each in chances),
        mean=math.prod(each.mean for each in chances),
        high=math.prod(each.high for each in chances),
    )
    return Feasibility(aspects, together)
