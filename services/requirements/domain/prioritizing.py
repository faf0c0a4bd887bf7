"""A whole ranking from estimates: scores, explanations, order, and how firm each place is."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.requirements.domain.drivers import Driver, weighted
from services.requirements.domain.methods import METHODS
from services.requirements.domain.ranking import (
    Standing,
    Swap,
    drawn_ranks,
    least,
    order,
    smallest_reweighting,
    smallest_swap,
    stability,
    standings,
)
from services.requirements.domain.scoring import (
    Breakdown,
    Candidate,
    Method,
    draw_scores,
    explain,
    interval,
    reference_point,
)

DRAWS = 4_000
"""The standard error of a probability is then at most 0.8 %."""

Point = Mapping[str, float]


@dataclass(frozen=True)
class Place:
    """One line of a ranking."""

    key: str
    inputs: Point
    breakdown: Breakdown
    interval: tuple[float, float]
    standing: Standing
    swap: Swap | None


@dataclass(frozen=True)
class Ranking:
    """The lines, best first; how stable their order is; and the median inputs that explanations start from."""

    places: Sequence[Place]
    stability: float
    reference: Point


@dataclass(frozen=True)
class Task:
    """A ranking to be made elsewhere: the method goes by its name, for formulas do not travel."""

    candidates: Mapping[str, Candidate]
    method: str
    drivers: Sequence[Driver]
    seed: int
    top: int


def rank_tasks(tasks: Sequence[Task], _report: object) -> list[Ranking]:
    """Runs in a child process; one ranking for each task."""
    return [
        rank(
            task.candidates,
            method=method_named(task.method, task.drivers),
            drivers=task.drivers,
            seed=task.seed,
            top=task.top,
        )
        for task in tasks
    ]


def method_named(name: str, drivers: Sequence[Driver]) -> Method:
    """One of the published methods, or the one that is made of these drivers."""
    return weighted(drivers) if name == "weighted" else METHODS[name]


def rank(
    candidates: Mapping[str, Candidate],
    *,
    method: Method,
    seed: int,
    top: int,
    drivers: Sequence[Driver] = (),
    draws: int = DRAWS,
) -> Ranking:
    """Ranks by the likely values; what else they may be says how sure that is.

    `drivers` are those that a weighted method was made from. Nothing depends on the order of `candidates`.
    """
    likely = {key: method.likely(candidate) for key, candidate in candidates.items()}
    reference = reference_point(list(likely.values()), method=method)
    keys = order({key: method.value(values) for key, values in likely.items()})
    drawn = [draw_scores(method, candidates[key], key=key, seed=seed, draws=draws) for key in keys]
    ranks = drawn_ranks(drawn)
    swaps = [
        turn(method, drivers, upper=(above, likely[above]), lower=(below, likely[below]))
        for above, below in itertools.pairwise(keys)
    ]
    places = [
        Place(key, likely[key], explain(method, given=likely[key], reference=reference), interval(scores), stands, swap)
        for key, scores, stands, swap in zip(keys, drawn, standings(ranks, tops=[top]), [None, *swaps], strict=True)
    ]
    return Ranking(places, stability(ranks), reference)


def turn(
    method: Method, drivers: Sequence[Driver], *, upper: tuple[str, Point], lower: tuple[str, Point]
) -> Swap | None:
    """The least change of one input or one weight that puts `lower` above `upper`."""
    return least(
        [smallest_swap(method, upper=upper, lower=lower), smallest_reweighting(drivers, upper=upper, lower=lower)]
    )
