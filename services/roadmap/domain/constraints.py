"""Whether a plan keeps what was laid down for it, and by how much it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

Side = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class Dated:
    """When a feature is done: as it was, or as the roadmap has it; None when nobody said."""

    feature_id: str
    done_on: date | None


@dataclass(frozen=True)
class Lateness:
    """How far a date is missed: the latest feature's days, who is late, and who has no date at all."""

    days_late: int
    late: tuple[str, ...]
    undated: tuple[str, ...]

    @property
    def is_broken(self) -> bool:
        return self.days_late > 0


def lateness(features: Sequence[Dated], *, due_on: date) -> Lateness:
    """Every feature should be done on that day at the latest."""
    late = {
        each.feature_id: (each.done_on - due_on).days for each in features if each.done_on and each.done_on > due_on
    }
    return Lateness(
        days_late=max(late.values(), default=0),
        late=tuple(sorted(late)),
        undated=tuple(sorted(each.feature_id for each in features if each.done_on is None)),
    )


@dataclass(frozen=True)
class Shortfall:
    """A share and its limit; `missing_share` and `missing_amount` are 0 when it is kept, or when there is nothing."""

    total: Fraction
    part: Fraction
    share: Fraction | None
    missing_share: Fraction
    missing_amount: Fraction

    @property
    def is_broken(self) -> bool:
        return self.missing_share > 0


def shortfall(*, part: Fraction, total: Fraction, limit: Fraction, side: Side) -> Shortfall:
    """By how much `part / total` misses a limit.

    `missing_amount` is how much of the total would have to move into the part (or out of it) for the limit to be kept,
    the total staying as it is. Nothing planned breaks nothing.
    """
    if total <= 0:
        return Shortfall(total, part, None, Fraction(0), Fraction(0))
    share = part / total
    missing = max(Fraction(0), limit - share if side == "at_least" else share - limit)
    return Shortfall(total, part, share, missing, missing * total)
