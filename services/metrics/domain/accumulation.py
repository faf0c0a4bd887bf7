"""Running totals: since the beginning, since a date that returns, or over a window that moves along."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate


@dataclass(frozen=True)
class Amount:
    """What was added in the fine bucket that begins at `start`; None where nothing was."""

    start: datetime
    value: Decimal | None


def running_totals(
    amounts: Sequence[Amount],
    ends: Sequence[datetime],
    *,
    carried: Decimal | None = None,
    stretch_of: Callable[[datetime], Hashable] = lambda _start: None,
) -> list[Decimal | None]:
    """The total at each end; it begins anew where `stretch_of` a bucket differs from the one before.

    `carried` is what was there before the first amount, in its stretch. None until anything was.
    """
    totals: list[Decimal | None] = []
    total, place = carried, 0
    stretch = stretch_of(amounts[0].start) if amounts else None
    for end in ends:
        while place < len(amounts) and amounts[place].start < end:
            amount = amounts[place]
            if stretch_of(amount.start) != stretch:
                stretch, total = stretch_of(amount.start), None
            if amount.value is not None:
                total = (total or Decimal(0)) + amount.value
            place += 1
        totals.append(total)
    return totals


def moving_totals(amounts: Sequence[Amount], ends: Sequence[datetime], *, window: timedelta) -> list[Decimal | None]:
    """The total of the window before each end; None where nothing was."""
    starts = [amount.start for amount in amounts]
    sums = [Decimal(0), *accumulate(amount.value or Decimal(0) for amount in amounts)]
    known = [0, *accumulate(amount.value is not None for amount in amounts)]
    totals: list[Decimal | None] = []
    for end in ends:
        first, last = bisect_left(starts, end - window), bisect_left(starts, end)
        totals.append(sums[last] - sums[first] if known[last] > known[first] else None)
    return totals
