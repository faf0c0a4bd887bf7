"""Figures to date: since the beginning, since a date that returns, or over a window that moves along.

What is accumulated need only be associative under `plus`: sums, but also ends, means as cells, and sketches.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
Plus = Callable[[T, T], T]


@dataclass(frozen=True)
class Amount(Generic[T]):
    """What came in the fine bucket that begins at `start`; None where nothing did."""

    start: datetime
    value: T | None


def running_totals(
    amounts: Sequence[Amount[T]],
    ends: Sequence[datetime],
    *,
    plus: Plus[T],
    carried: T | None = None,
    stretch_of: Callable[[datetime], Hashable] = lambda _start: None,
) -> Iterator[T | None]:
    """What there is at each end; it begins anew where `stretch_of` a bucket differs from the one before.

    `carried` is what was there before the first amount, in its stretch. None until anything was.
    """
    total, place = carried, 0
    stretch = stretch_of(amounts[0].start) if amounts else None
    for end in ends:
        while place < len(amounts) and amounts[place].start < end:
            amount = amounts[place]
            if stretch_of(amount.start) != stretch:
                stretch, total = stretch_of(amount.start), None
            total = _both(total, amount.value, plus)
            place += 1
        yield total


def moving_totals(
    amounts: Sequence[Amount[T]], ends: Sequence[datetime], *, window: timedelta, plus: Plus[T]
) -> Iterator[T | None]:
    """What there is in the window before each end; None where nothing was.

    With two stacks, so that nothing need be taken away again and each amount is added three times at most.
    """
    old: list[tuple[datetime, T | None]] = []  # from each amount to the newest of these, the oldest amount on top
    new: list[Amount[T]] = []
    newest: T | None = None
    place = 0
    for end in ends:
        while place < len(amounts) and amounts[place].start < end:
            new.append(amounts[place])
            newest = _both(newest, amounts[place].value, plus)
            place += 1
        begin = end - window
        while (old[-1][0] if old else new[0].start if new else begin) < begin:
            if not old:
                old, new, newest = _turned(new, plus), [], None
            old.pop()
        yield _both(old[-1][1] if old else None, newest, plus)


def _turned(amounts: Sequence[Amount[T]], plus: Plus[T]) -> list[tuple[datetime, T | None]]:
    stack: list[tuple[datetime, T | None]] = []
    for amount in reversed(amounts):
        stack.append((amount.start, _both(amount.value, stack[-1][1] if stack else None, plus)))
    return stack


def _both(before: T | None, after: T | None, plus: Plus[T]) -> T | None:
    if before is None or after is None:
        return after if before is None else before
    return plus(before, after)
