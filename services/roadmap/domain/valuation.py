"""A feature's value from a ranking of the requirements that it answers."""

from collections.abc import Collection, Mapping
from typing import Literal

Combination = Literal["sum", "highest"]


def value_from(requirements: Collection[str], scores: Mapping[str, float], *, combine: Combination) -> float | None:
    """The scores of its ranked requirements, added up or the highest; None when none of them is ranked.

    Adding up assumes that each requirement is worth something by itself; `highest` suits requirements that say the
    same thing twice. Scores below 0 count as 0: a feature is worth at least nothing.
    """
    found = [max(0.0, scores[each]) for each in requirements if each in scores]
    if not found:
        return None
    return round(sum(found) if combine == "sum" else max(found), 2)
