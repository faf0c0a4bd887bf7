"""What is left of all resources in one long number, so that many weeks are compared at once.

For each week there is a field per resource, and above them a mark. The top bit of a field is a guard: it stays where a
demand that is subtracted leaves no debt (L. Lamport, *Communications of the ACM* 18, 1975).
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple


class Take(NamedTuple):
    """Of one resource `demand` in each of so many weeks, from `offset` weeks after the start on."""

    resource: int
    offset: int
    weeks: int
    demand: int


class Test(NamedTuple):
    """Whether there is `demand` (in each week of a view); `shifts` leave the weeks at which enough such weeks begin."""

    demand: int
    shifts: tuple[int, ...]
    offset: int


class Fields:
    """The layout for these resources; a view is as many weeks as are compared at once."""

    def __init__(self, room: Sequence[Sequence[int]], view: int) -> None:
        self.view = view
        self.width = max((units for weeks in room for units in weeks), default=0).bit_length() + 1
        self.stride = self.width * len(room) + 1
        self.mask = (1 << self.stride * view) - 1
        self.marks = self._repeated(1 << self.stride - 1, view)
        self.carry = self.marks - self._repeated(1, view)
        """Added to what is wanting in a week, it reaches the week's mark unless nothing is."""
        self._guard = sum(1 << self.width * (row + 1) - 1 for row in range(len(room)))
        self.guards = self._repeated(self._guard, view)
        weeks = max(map(len, room), default=0)
        self.room = self._repeated(self._guard, weeks + 2 * view) + sum(
            units << self.stride * week + self.width * row
            for row, by_week in enumerate(room)
            for week, units in enumerate(by_week)
        )

    def block(self, takes: Sequence[Take]) -> int:
        """All that a task takes, as a number to subtract from the room at its start."""
        return sum(
            self._repeated(take.demand << self.width * take.resource, take.weeks) << take.offset * self.stride
            for take in takes
        )

    def tests(self, takes: Sequence[Take]) -> list[Test]:
        """What must hold where a task may start; takes of equal weeks are tested together."""
        demands: dict[tuple[int, int], int] = {}
        for take in takes:
            if take.weeks and take.demand:
                span = take.offset, take.weeks
                demands[span] = demands.get(span, 0) + (take.demand << self.width * take.resource)
        return [
            Test(self._repeated(demand, self.view), self._shifts(weeks), offset * self.stride)
            for (offset, weeks), demand in demands.items()
        ]

    def _shifts(self, weeks: int) -> tuple[int, ...]:
        """Runs of 2, 4, 8 ... weeks from runs of half of them, the last as far as is wanting."""
        runs = [1]
        while runs[-1] < weeks:
            runs.append(min(2 * runs[-1], weeks))
        return tuple((long - short) * self.stride for short, long in pairwise(runs))

    def _repeated(self, pattern: int, weeks: int) -> int:
        """The same in each week."""
        return sum(accumulate(range(1, weeks), lambda each, _: each << self.stride, initial=pattern)) if weeks else 0
