"""The order of requirements: ranks, how firm they are, and what would turn them."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.requirements.domain.drivers import MOST_WEIGHT, Driver
from services.requirements.domain.scoring import Input, Method, Scores

Ranks = NDArray[np.int64]
ROUNDING = 1e-12
"""A lead in weighted scores must be wider than what adding them up may round away."""


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
    """The least change of one number, relative to its value, after which `overtaker` stands above `overtaken`.

    `changed` says whose input it is, and is None for the weight of a driver, which is the same for all.
    """

    overtaker: str
    overtaken: str
    changed: str | None
    input: str
    current: float
    needed: float

    @property
    def relative_change(self) -> float | None:
        """None where the number is 0 now, of which nothing is a share."""
        return abs(self.needed - self.current) / abs(self.current) if self.current else None


def least(swaps: Iterable[Swap | None]) -> Swap | None:
    """The least relative change among these."""
    found = [swap for swap in swaps if swap is not None]
    return min(found, key=_size, default=None)


def _size(swap: Swap) -> tuple[float, str, str]:
    change = swap.relative_change
    return (math.inf if change is None else change, swap.changed or "", swap.input)


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


def concordance(rankings: Sequence[Sequence[float]]) -> float | None:
    """Kendall's W over people who scored the same requirements: 1 when all order them alike, 0 when nothing is shared.

    W = 12 S / (m^2 (n^3 - n) - m sum T), with mean ranks for ties and T = sum of t^3 - t over one person's ties.
    None with fewer than two people or two requirements, or when nobody tells them apart.

    Source: M. G. Kendall and B. Babington Smith, The problem of m rankings, Annals of Mathematical Statistics 10, 1939.
    """
    people, count = len(rankings), len(rankings[0]) if rankings else 0
    if people < 2 or count < 2:
        return None
    ranks = np.stack([mean_ranks(each) for each in rankings])
    spread = float(np.sum((ranks.sum(axis=0) - people * (count + 1) / 2) ** 2))
    ties = sum(float(np.sum(sizes**3 - sizes)) for sizes in (_tie_sizes(each) for each in rankings))
    most = people**2 * (count**3 - count) - people * ties
    return 12 * spread / most if most else None


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's rho of two lists of scores, with mean ranks for ties; None when either tells nothing apart."""
    ranks = mean_ranks(one), mean_ranks(other)
    if len(one) < 2 or any(np.ptp(each) == 0 for each in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def mean_ranks(scores: Sequence[float]) -> Scores:
    """Ranks from 1 for the highest; equal scores share the mean of their places."""
    values = -np.asarray(scores, dtype=np.float64)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: Scores = (ends - (counts - 1) / 2)[inverse]
    return shared


def _tie_sizes(scores: Sequence[float]) -> NDArray[np.int64]:
    return np.unique(np.asarray(scores, dtype=np.float64), return_counts=True)[1]


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
        for changed, own, other, rises in ((below, weak, strong, True), (above, strong, weak, False)):
            needed = _turning_point(method, each, own=own, target=method.value(other), rises=rises)
            if needed is not None:
                swaps.append(Swap(below, above, changed, each.name, own[each.name], needed))
    return least(swaps)


def smallest_reweighting(
    drivers: Sequence[Driver], *, upper: tuple[str, Mapping[str, float]], lower: tuple[str, Mapping[str, float]]
) -> Swap | None:
    """The least relative change of a single weight that puts `lower` strictly above `upper`.

    The difference of two weighted scores is linear in each weight, so that it turns at most once.
    """
    (above, strong), (below, weak) = upper, lower
    leads = [float(each.attained(weak[each.input]) - each.attained(strong[each.input])) for each in drivers]
    swaps = []
    for place, driver in enumerate(drivers):

        def lead(weight: float, place: int = place) -> float:
            weights = [weight if other == place else each.weight for other, each in enumerate(drivers)]
            return math.fsum(each * size for each, size in zip(weights, leads, strict=True)) - ROUNDING * sum(weights)

        needed = _crossing(lead, current=driver.weight, ends=(0.0, MOST_WEIGHT))
        if needed is not None:
            swaps.append(Swap(below, above, None, driver.name, driver.weight, needed))
    return least(swaps)


def _turning_point(
    method: Method, each: Input, *, own: Mapping[str, float], target: float, rises: bool
) -> float | None:
    """The value of one input nearest to its own at which the score passes `target`, upwards or downwards."""

    def lead(value: float) -> float:
        score = method.value({**own, each.name: value})
        return score - target if rises else target - score

    current = own[each.name]
    if each.levels:
        nearest = sorted(each.levels, key=lambda level: (abs(level - current), level))
        return next((level for level in nearest if lead(level) > 0), None)
    return _crossing(lead, current=current, ends=(each.lowest, each.highest))


def _crossing(lead: Callable[[float], float], *, current: float, ends: tuple[float, float]) -> float | None:
    """The value nearest to the current one at which a monotone lead becomes positive; None when it never does."""
    if lead(current) > 0:
        return None
    for end in ends:
        if lead(end) > 0:
            return _bisect(lead, *_narrowed(lead, fails=current, holds=end))
    return None


def _narrowed(lead: Callable[[float], float], *, fails: float, holds: float) -> tuple[float, float]:
    """The bracket around where a straight line would cross: a weighted score is one, and then it is narrow."""
    low, high = lead(fails), lead(holds)
    guess = fails + (holds - fails) * (low / (low - high))
    margin = math.copysign(1e-9 * abs(guess) + 1e-12, holds - fails)
    before, behind = guess - margin, guess + margin
    lies_within = min(fails, holds) <= min(before, behind) and max(before, behind) <= max(fails, holds)
    return (before, behind) if lies_within and lead(before) <= 0 < lead(behind) else (fails, holds)


def _bisect(lead: Callable[[float], float], fails: float, holds: float) -> float:
    while True:
        middle = fails + (holds - fails) / 2
        if middle in (fails, holds):
            return holds
        if lead(middle) > 0:
            holds = middle
        else:
            fails = middle
