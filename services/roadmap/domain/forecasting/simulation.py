"""Simulates the planned order: each task takes the first free lanes of its crew once all that it waits for is done.

Time runs in calendar days from the first day of the plan; crews work on their own days only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.roadmap.domain.dependencies import DependencyLink
from services.roadmap.domain.forecasting.durations import Samples

CHUNK = 2_000
"""Samples simulated together: few enough that a chunk's lanes and ends stay in the processor's cache."""

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Crew:
    """People of one skill in one team: how many tasks' worth of people, and the days on which they work, ascending.

    After the last of `workdays` they work five days in seven.
    """

    lanes: int
    workdays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Waits `lag_days` after all of these tasks have ended, or after the first of them has begun."""

    tasks: tuple[int, ...]
    link: DependencyLink
    lag_days: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """Work in the order of the plan, on `width` lanes at a time; it waits for tasks that come before it in the list."""

    crew: int
    width: int = 1
    waits_for: tuple[int, ...] = ()
    earliest_day: float = 0.0
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True, slots=True)
class Finishes:
    """The day on which each task ends, task by sample; how often each was on the chain that ended last."""

    ends: Samples
    criticality: npt.NDArray[np.float64]


class Clock:
    """Turns days into work that a crew could have done until then, and back."""

    def __init__(self, crew: Crew) -> None:
        days = np.array(crew.workdays, dtype=np.int64)
        self._days = days
        self._first_after = int(days[-1]) + 1 if len(days) else 0
        works = np.zeros(self._first_after, dtype=bool)
        works[days] = True
        self._works = np.append(works, True)
        self._before = np.concatenate([[0], np.cumsum(works)])

    def work_until(self, day: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Whole and partial workdays before this moment."""
        exact = day.astype(np.float64)
        whole = np.minimum(exact.astype(np.int64), self._first_after)
        inside = np.where(self._works[whole], np.minimum(exact - whole, 1.0), 0.0)
        later = np.maximum(0.0, exact - self._first_after) * 5 / 7
        return self._before[whole] + np.where(whole >= self._first_after, later, inside)

    def day_of(self, work: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The first moment by which so much work can be done."""
        known = len(self._days)
        later = self._first_after + (work - known) * 7 / 5
        if not known:
            return later
        number = np.minimum(np.maximum(np.ceil(work).astype(np.int64) - 1, 0), known - 1)
        within = self._days[number] + (work - number)
        return np.where(work > known, later, within) if work.max() > known else within


def simulate(tasks: Sequence[Task], efforts: Samples, *, crews: Sequence[Crew]) -> Finishes:
    """`efforts` in workdays of the task's whole width, task by sample."""
    ends = np.empty_like(efforts)
    critical = np.zeros(len(tasks), dtype=np.int64)
    clocks = [Clock(crew) for crew in crews]
    for begin in range(0, efforts.shape[1], CHUNK):
        part = slice(begin, begin + CHUNK)
        ends[:, part], held_by = _run(tasks, efforts[:, part], crews, clocks)
        critical += _criticality(ends[:, part], held_by)
    return Finishes(ends, critical / max(1, efforts.shape[1]))


def _run(
    tasks: Sequence[Task], efforts: Samples, crews: Sequence[Crew], clocks: Sequence[Clock]
) -> tuple[Samples, npt.NDArray[np.int32]]:
    count, samples = efforts.shape
    ends = np.empty((count, samples), dtype=np.float32)
    held_by = np.full((count, samples), NOBODY, dtype=np.int32)
    free = [np.zeros((crew.lanes, samples), dtype=np.float32) for crew in crews]
    starts = np.empty((count if any(task.gates for task in tasks) else 0, samples), dtype=np.float32)
    everywhere = np.arange(samples)
    last = [np.full((crew.lanes, samples), NOBODY, dtype=np.int32) for crew in crews]
    for index, task in enumerate(tasks):
        lanes, holders = free[task.crew], last[task.crew]
        taken = _first_lanes(lanes, task.width)
        start, holder = lanes[taken[-1], everywhere], holders[taken[-1], everywhere]
        for before in task.waits_for:
            holder = np.where(ends[before] > start, np.int32(before), holder)
            start = np.maximum(start, ends[before])
        for gate in task.gates:
            opens, opener = _opening(gate, starts, ends)
            holder = np.where(opens > start, opener, holder)
            start = np.maximum(start, opens)
        if task.earliest_day > 0:
            holder = np.where(start < task.earliest_day, np.int32(NOBODY), holder)
            start = np.maximum(start, np.float32(task.earliest_day))
        if len(starts):
            starts[index] = start
        clock = clocks[task.crew]
        ends[index] = clock.day_of(clock.work_until(start) + efforts[index])
        held_by[index] = holder
        for lane in taken:
            lanes[lane, everywhere] = ends[index]
            holders[lane, everywhere] = index
    return ends, held_by


def _opening(gate: Gate, starts: Samples, ends: Samples) -> tuple[Samples, npt.NDArray[np.int32]]:
    """When the gate opens in each sample, and which of its tasks decided that."""
    tasks = np.array(gate.tasks, dtype=np.int32)
    moments = (starts if gate.link == "start_start" else ends)[tasks]
    deciding = np.argmin(moments, axis=0) if gate.link == "start_start" else np.argmax(moments, axis=0)
    opens = np.take_along_axis(moments, deciding[np.newaxis], axis=0)[0] + np.float32(gate.lag_days)
    return opens, tasks[deciding]


def _first_lanes(lanes: Samples, width: int) -> Sequence[npt.NDArray[np.intp]]:
    """For each sample the lanes that are free first, the last of them last."""
    if width == 1:
        return [np.argmin(lanes, axis=0)]
    return list(np.argsort(lanes, axis=0, kind="stable")[:width])


def _criticality(ends: Samples, held_by: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """In how many samples each task lies on the chain that ends last: walked back from the end, all samples at once."""
    count, samples = ends.shape
    seen = np.zeros(count, dtype=np.int64)
    if not count:
        return seen
    at = np.argmax(ends, axis=0).astype(np.int32)
    alive = np.arange(samples)
    while len(alive):
        seen += np.bincount(at, minlength=count)
        at = held_by[at, alive]
        alive, at = alive[at >= 0], at[at >= 0]
    return seen
