"""A first answer at once: serial schedule generation (R. Kolisch, S. Hartmann 1999) in order of value for effort."""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

import numpy as np
import numpy.typing as npt

from services.roadmap.domain.scheduling.problem import (
    Job,
    Package,
    Placement,
    Plan,
    Resource,
    ScheduleProblem,
    prerequisites,
    ready_at,
)

Room = dict[Resource, npt.NDArray[np.int64]]


class _Builder:
    """Places whole families: a job, what it waits for, what it is coupled with; or none of them."""

    def __init__(self, problem: ScheduleProblem) -> None:
        self.problem = problem
        self.jobs = {job.id: job for job in problem.jobs}
        self.waits = prerequisites(problem)
        self.room = room_of(problem, {})
        self.left = {budget.name: budget.limit for budget in problem.budgets}
        self.plan: dict[str, Placement] = {}
        self.partners: dict[str, set[str]] = {job.id: set() for job in problem.jobs}
        self.rivals: dict[str, set[str]] = {job.id: set() for job in problem.jobs}
        rivals = (*problem.exclusions, *problem.one_of)
        for groups, known in ((problem.couplings, self.partners), (rivals, self.rivals)):
            for group in groups:
                for member in group:
                    known[member] |= set(group) - {member}

    def try_family(self, job: Job) -> bool:
        """Whether the job is in the plan now."""
        family = list(self._family(job.id))
        if not self._may_join(family):
            return False
        placed: list[str] = []
        for member in family:
            place = self._earliest(self.jobs[member])
            if place is None:
                for each in placed:
                    self._take_back(each)
                return False
            self._put(member, place)
            placed.append(member)
        return True

    def _family(self, name: str) -> Iterator[str]:
        """Everything that is missing, what is waited for first."""
        ordered: dict[str, None] = {}
        stack = [(name, False)]
        opened: set[str] = set()
        while stack:
            member, is_ready = stack.pop()
            if is_ready:
                ordered[member] = None
            elif member not in opened and member not in self.plan:
                opened.add(member)
                stack.append((member, True))
                stack += [(each.before, False) for each in self.waits[member]]
                stack += [(partner, False) for partner in sorted(self.partners[member])]
        return self._by_precedence(list(ordered))

    def _by_precedence(self, family: list[str]) -> Iterator[str]:
        """Couplings may have put a partner before what it waits for."""
        left, members = dict.fromkeys(family), set(family)
        while left:
            ready = next(
                (m for m in left if not any(w.before in left for w in self.waits[m] if w.before in members)), None
            )
            member = ready or next(iter(left))
            del left[member]
            yield member

    def _may_join(self, family: list[str]) -> bool:
        together = set(family) | self.plan.keys()
        if any(self.rivals[member] & together for member in family):
            return False
        uses = ((name, use) for member in family for name, use in self.jobs[member].uses.items())
        needed: dict[str, int] = {}
        for name, use in uses:
            needed[name] = needed.get(name, 0) + use
        return all(needed.get(name, 0) <= left for name, left in self.left.items())

    def _earliest(self, job: Job) -> Placement | None:
        waits = self.waits[job.id]
        if any(each.before not in self.plan for each in waits):
            return None
        begin = max(job.earliest, ready_at(waits, self.plan))
        found: Placement | None = None
        for index, mode in enumerate(job.modes):
            latest = self.problem.latest_finish(job) - mode.weeks
            if job.start is not None:
                begin, latest = max(begin, job.start), min(latest, job.start)
            start = first_fit(self.room, mode.packages, begin, latest)
            if start is not None and (found is None or start + mode.weeks < found.finish):
                found = Placement(start, start + mode.weeks, index)
        return found

    def _put(self, name: str, place: Placement) -> None:
        self.plan[name] = place
        occupy(self.room, self.jobs[name], place)
        self._spend(name, sign=1)

    def _take_back(self, name: str) -> None:
        occupy(self.room, self.jobs[name], self.plan.pop(name), sign=-1)
        self._spend(name, sign=-1)

    def _spend(self, name: str, *, sign: int) -> None:
        for budget, use in self.jobs[name].uses.items():
            if budget in self.left:
                self.left[budget] -= sign * use


def greedy_plan(problem: ScheduleProblem, merit: Mapping[str, float]) -> dict[str, Placement]:
    """A plan that keeps every rule, unless a required job, or none of those of which one is, found a place.

    After what is required jobs come by merit, the greatest first, each with what it waits for.
    """
    builder = _Builder(problem)
    required = [job for job in problem.jobs if job.is_required or job.start is not None]
    required.sort(key=lambda job: (job.start is None, problem.latest_finish(job), job.id))
    for job in required:
        builder.try_family(job)
    for group in problem.one_of:
        members = sorted((builder.jobs[name] for name in group), key=lambda job: (-merit[job.id], job.id))
        if not builder.plan.keys() & set(group):
            any(builder.try_family(job) for job in members)
    for job in sorted(problem.jobs, key=lambda job: (-merit[job.id], job.id)):
        if job.id not in builder.plan and job.value:
            builder.try_family(job)
    return builder.plan


def value_for_effort(problem: ScheduleProblem, *, budget_weight: float = 0.0) -> dict[str, float]:
    """Effort is the share of all capacity that a job takes, and, as `budget_weight` says, the share of the budgets."""
    capacity = sum(sum(weeks) for weeks in problem.capacity.values()) or 1
    limits = {budget.name: budget.limit or 1 for budget in problem.budgets}

    def effort(job: Job) -> float:
        spent = sum(use / limits[name] for name, use in job.uses.items() if name in limits)
        return work_of(job) / capacity + budget_weight * spent or 1 / capacity

    return {job.id: job.value / effort(job) for job in problem.jobs}


def earliest_starts(problem: ScheduleProblem) -> dict[str, int]:
    """When each job could start if there were people enough."""
    jobs, waits = {job.id: job for job in problem.jobs}, prerequisites(problem)
    earliest: dict[str, int] = {}
    order = TopologicalSorter({name: [each.before for each in ways] for name, ways in waits.items()}).static_order()
    for name in order:
        moments = [0, jobs[name].earliest]
        for each in waits[name]:
            weeks = min(mode.weeks for mode in jobs[each.before].modes) if each.link == "finish_start" else 0
            moments.append(earliest[each.before] + weeks + each.lag)
        earliest[name] = max(moments)
    return earliest


def room_of(problem: ScheduleProblem, plan: Plan) -> Room:
    """What is left of each resource in each week."""
    room = {resource: np.array(weeks, dtype=np.int64) for resource, weeks in problem.capacity.items()}
    for job in problem.jobs:
        if job.id in plan:
            occupy(room, job, plan[job.id])
    return room


def occupy(room: Room, job: Job, place: Placement, *, sign: int = 1) -> None:
    """Take a job's work out of the room, or give it back."""
    for package in job.modes[place.mode].packages:
        room[package.team, package.skill][place.start : place.start + package.weeks] -= sign * package.demand


def first_fit(
    room: Mapping[Resource, npt.NDArray[np.int64]], packages: tuple[Package, ...], begin: int, latest: int
) -> int | None:
    """The first start in begin..latest at which all packages find room."""
    found = np.flatnonzero(fitting_starts(room, packages, begin, latest))
    return begin + int(found[0]) if len(found) else None


def fitting_starts(
    room: Mapping[Resource, npt.NDArray[np.int64]], packages: tuple[Package, ...], begin: int, latest: int
) -> npt.NDArray[np.bool_]:
    """Of each start in begin..latest: whether all packages find room."""
    fits = np.ones(max(0, latest - begin + 1), dtype=bool)
    for package in packages:
        if not package.weeks or not package.demand:
            continue
        if not fits.any():
            break
        weeks = room[package.team, package.skill][begin : latest + package.weeks]
        short = np.concatenate([[0], np.cumsum(weeks < package.demand)])
        fits &= (short[package.weeks :] - short[: -package.weeks])[: len(fits)] == 0
    return fits


def work_of(job: Job) -> int:
    """Weeks of a team's member, in the mode that takes the fewest."""
    return min(sum(package.weeks * package.demand for package in mode.packages) for mode in job.modes)
