"""The order of requirements: ranks, how firm they are, and what would turn them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.requirements.domain.scoring import Input, Method, Scores

Ranks = NDArray[np.int64]


@dataclass(frozen=True)
class Standing:
    """Where one requirement stands, and where it might stand under the uncertainty of its inputs."""

    rank: int
    rank_low: int
    rank_high: int
    p_rank: float
    p_top: Mapping[int, float]


@dataclass(frozen=True)
class Swap:
    """The least change of one input, relative to its value, after which `overtaker` stands above `overtaken`."""

    overtaker: str
    overtaken: str
    changed: str
    input: str
    current: float
    needed: float

    @property
    def relative_change(self) -> float:
        return abs(self.needed - self.current) / abs(self.current) if self.current else math.inf


def order(scores: Mapping[str, float]) -> list[str]:
    """Keys by descending score; equal scores by key, so that the order is the same each time."""
    return sorted(scores, key=lambda key: (-scores[key], key))


def drawn_ranks(scores: Sequence[Scores]) -> Ranks:
    """Ranks from 1 within each draw, shape (requirements, draws); the rows must come in the stated order.

    Equal scores keep the stated order, as `order` does.
    """
    table = np.stack(scores)
    best_first = np.argsort(-table, axis=0, kind="stable")
    ranks = np.empty_like(best_first)
    np.put_along_axis(ranks, best_first, np.arange(1, len(table) + 1)[:, None], axis=0)
    return ranks


def standings(ranks: Ranks, *, tops: Sequence[int]) -> list[Standing]:
    """P(rank <= k) for each k of `tops`, P(rank = stated), and the 90 % interval of the rank."""
    lows, highs = np.quantile(ranks, [0.05, 0.95], axis=1, method="closest_observation")
    return [
        Standing(
            rank=stated,
            rank_low=int(low),
            rank_high=int(high),
            p_rank=float(np.mean(row == stated)),
            p_top={top: float(np.mean(row <= top)) for top in tops},
        )
        for stated, (row, low, high) in enumerate(zip(ranks, lows, highs, strict=True), start=1)
    ]


def stability(ranks: Ranks) -> float:
    """Mean Spearman correlation of the drawn orders with the stated one: 1 when no draw changes it.

    rho = 1 - 6 sum d^2 / (n (n^2 - 1)), averaged over draws; 1 for a single requirement.

    Source: C. Spearman, The proof and measurement of association between two things, 1904.
    """
    count = len(ranks)
    if count < 2:
        return 1.0
    distance = ranks - np.arange(1, count + 1)[:, None]
    rho = 1 - 6 * np.sum(distance.astype(np.float64) ** 2, axis=0) / (count * (count**2 - 1))
    return float(np.mean(rho))


def smallest_swap(
    method: Method, *, upper: tuple[str, Mapping[str, float]], lower: tuple[str, Mapping[str, float]]
) -> Swap | None:
    """The least relative change of a single input of either that puts `lower` strictly above `upper`.

    Found by bisection over the values the input may take, since every formula is monotone in each input;
    None when no single input within its bounds can do it.
    """
    (above, strong), (below, weak) = upper, lower
    swaps = []
    for each in method.inputs:
        for changed, own, target, rises in (
            (below, weak, method.value(strong), True),
            (above, strong, method.value(weak), False),
        ):
            needed = _turning_point(method, each, own=own, target=target, rises=rises)
            if needed is not None and own[each.name] != 0:
                swaps.append(Swap(below, above, changed, each.name, own[each.name], needed))
    return min(swaps, key=lambda swap: (swap.relative_change, swap.changed, swap.input), default=None)


def _turning_point(
    method: Method, each: Input, *, own: Mapping[str, float], target: float, rises: bool
) -> float | None:
    """The value of one input nearest to its own at which the score passes `target`, upwards or downwards."""

    def passes(value: float) -> bool:
        if not each.holds(value):
            return False
        score = method.value({**own, each.name: value})
        return score > target if rises else score < target

    current = own[each.name]
    for end in (each.lowest, each.highest):
        if passes(end):
            return _bisect(passes, fails=current, holds=end)
    return None


def _bisect(passes: Callable[[float], bool], *, fails: float, holds: float) -> float:
    while True:
        middle = fails + (holds - fails) / 2
        if middle in (fails, holds):
            return holds
        if passes(middle):
            holds = middle
        else:
            fails = middle
