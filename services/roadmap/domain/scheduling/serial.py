"""The serial scheme: each task, in an order that the precedences allow, as early as what came before it leaves room.

R. Kolisch, *European Journal of Operational Research* 90, 1996.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from services.roadmap.domain.scheduling.fields import Fields, Take

VIEW = 48
"""So many starts are looked at together: most tasks find their place among the first."""


class Task(NamedTuple):
    """A job in one mode, to start from `release` to `due`."""

    release: int
    due: int
    takes: tuple[Take, ...]


class Arc(NamedTuple):
    """`after` waits for `before`: from start to start at least `lead` weeks."""

    before: int
    after: int
    lead: int


class SerialScheme:
    """Tasks and resources by number; `room` is what there is of each resource in each week."""

    def __init__(self, tasks: Sequence[Task], arcs: Sequence[Arc], room: Sequence[Sequence[int]]) -> None:
        self._release, self._due = [task.release for task in tasks], [task.due for task in tasks]
        self._after: list[list[tuple[int, int]]] = [[] for _ in tasks]
        self._waits = [0] * len(tasks)
        for before, after, lead in arcs:
            self._after[before].append((after, lead))
            self._waits[after] += 1
        reach = max((take.offset + take.weeks for task in tasks for take in task.takes), default=0)
        self._fields = Fields(room, VIEW + reach)
        self._blocks = [self._fields.block(task.takes) for task in tasks]
        self._tests = [self._fields.tests(task.takes) for task in tasks]

    def starts(self, keys: Sequence[float]) -> list[int] | None:
        """Of those that need not wait the task with the least key comes first; None when one finds no place."""
        room, waits, ready = self._fields.room, self._waits.copy(), self._release.copy()
        starts, stride = [0] * len(ready), self._fields.stride
        heap = [(keys[number], number) for number, count in enumerate(waits) if not count]
        heapify(heap)
        while heap:
            number = heappop(heap)[1]
            start = self._first_fit(room, number, ready[number])
            if start > self._due[number]:
                return None
            starts[number] = start
            room -= self._blocks[number] << start * stride
            for other, lead in self._after[number]:
                ready[other] = max(ready[other], start + lead)
                waits[other] -= 1
                if not waits[other]:
                    heappush(heap, (keys[other], other))
        return starts

    def _first_fit(self, room: int, number: int, begin: int) -> int:
        """The first start from `begin` on at which everything finds room, or one that is too late."""
        fields, tests = self._fields, self._tests[number]
        guards, carry, marks, stride = fields.guards, fields.carry, fields.marks, fields.stride
        while begin <= self._due[number]:
            view, fits = room >> begin * stride & fields.mask, marks
            for demand, shifts, offset in tests:
                wanting = (view - demand & guards) ^ guards
                free = (wanting + carry & marks) ^ marks
                for shift in shifts:
                    free &= free >> shift
                fits &= free >> offset
            if fits:
                return begin + (fits & -fits).bit_length() // stride - 1
            begin += VIEW
        return begin
