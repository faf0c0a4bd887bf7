"""A whole ranking from estimates: scores, explanations, order, and how firm each place is."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.requirements.domain.ranking import (
    Standing,
    Swap,
    drawn_ranks,
    order,
    smallest_swap,
    stability,
    standings,
)
from services.requirements.domain.scoring import (
    Breakdown,
    Method,
    Range,
    draw_scores,
    explain,
    interval,
    likely_values,
    reference_point,
)

DRAWS = 4_000
"""The standard error of a probability is then at most 0.8 %."""

Estimated = Mapping[str, Range]


@dataclass(frozen=True)
class Place:
    """One line of a ranking."""

    key: str
    breakdown: Breakdown
    interval: tuple[float, float]
    standing: Standing
    swap: Swap | None


@dataclass(frozen=True)
class Ranking:
    """The lines, best first; how stable their order is; and the median inputs that explanations start from."""

    places: Sequence[Place]
    stability: float
    reference: Mapping[str, float]


def rank(candidates: Mapping[str, Estimated], *, method: Method, seed: int, top: int, draws: int = DRAWS) -> Ranking:
    """Ranks by the likely values; the ranges say how sure that is. Nothing depends on the order of `candidates`."""
    likely = {key: likely_values(estimates, method) for key, estimates in candidates.items()}
    reference = reference_point(list(likely.values()), method=method)
    keys = order({key: method.value(values) for key, values in likely.items()})
    drawn = [draw_scores(method, candidates[key], key=key, seed=seed, draws=draws) for key in keys]
    ranks = drawn_ranks(drawn)
    swaps = [
        smallest_swap(method, upper=(above, likely[above]), lower=(below, likely[below]))
        for above, below in itertools.pairwise(keys)
    ]
    places = [
        Place(key, explain(method, given=likely[key], reference=reference), interval(scores), standing, swap)
        for key, scores, standing, swap in zip(keys, drawn, standings(ranks, tops=[top]), [None, *swaps], strict=True)
    ]
    return Ranking(places, stability(ranks), reference)
