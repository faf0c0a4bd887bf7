"""The problem: jobs with alternative ways to do them, teams whose people come and go, and what must wait for what."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from services.roadmap.domain.selection.problem import Budget, Dependency, SelectionRefused, require_acyclic

WEEKS_A_YEAR = 52
SCALE = 100
"""Worth counts in hundredths of a value point, so that a week's delay of a small job still weighs something."""

Resource = tuple[str, str]
"""A team and a skill of its people."""

Link = Literal["finish_start", "start_start"]
Goal = Literal["value", "makespan"]


@dataclass(frozen=True, slots=True)
class Package:
    """Work of one skill by one team: `demand` in each of its weeks, from the start of its job."""

    team: str
    skill: str
    weeks: int
    demand: int


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do a job: all its packages start together; the last to end ends the job."""

    packages: tuple[Package, ...]

    @property
    def weeks(self) -> int:
        return max((package.weeks for package in self.packages), default=0)


@dataclass(frozen=True, slots=True)
class Job:
    """A feature to build. `start` holds it in place; `former_start` is where it stood in the plan before."""

    id: str
    value: int
    modes: tuple[Mode, ...]
    uses: Mapping[str, int] = field(default_factory=dict)
    earliest: int = 0
    deadline: int | None = None
    is_required: bool = False
    start: int | None = None
    former_start: int | None = None


@dataclass(frozen=True, slots=True)
class Precedence:
    """`after` waits for `before` to finish (or to start), and then `lag` weeks more; it cannot be built without it."""

    before: str
    after: str
    lag: int = 0
    link: Link = "finish_start"


@dataclass(frozen=True, slots=True)
class ScheduleProblem:
    """`capacity` gives each team and skill its units in every week of the horizon.

    Goal `value`: choose jobs and finish them early; each is worth its value, less `discount_percent` of it a year that
    it waits. Goal `makespan`: build all, and finish the last as early as possible.
    """

    horizon: int
    jobs: tuple[Job, ...]
    capacity: Mapping[Resource, tuple[int, ...]]
    precedences: tuple[Precedence, ...] = ()
    budgets: tuple[Budget, ...] = ()
    exclusions: tuple[tuple[str, ...], ...] = ()
    couplings: tuple[tuple[str, ...], ...] = ()
    goal: Goal = "value"
    discount_percent: int = 15
    one_of: tuple[tuple[str, ...], ...] = ()

    def weekly_loss(self, job: Job) -> int:
        """What a week's delay costs, linear, at least 1: an equal plan that finishes earlier is better."""
        return max(1, round(SCALE * job.value * self.discount_percent / 100 / WEEKS_A_YEAR))

    def worth(self, job: Job, finish: int) -> int:
        """What the job is worth when it finishes at the end of week `finish` (a count of weeks)."""
        return SCALE * job.value - self.weekly_loss(job) * finish

    def latest_finish(self, job: Job) -> int:
        return self.horizon if job.deadline is None else min(job.deadline, self.horizon)


@dataclass(frozen=True, slots=True)
class Placement:
    """When a job runs, and in which of its modes."""

    start: int
    finish: int
    mode: int


Plan = Mapping[str, Placement]


def objective_of(problem: ScheduleProblem, plan: Plan) -> int:
    """The plan's worth, or its makespan."""
    if problem.goal == "makespan":
        return max((place.finish for place in plan.values()), default=0)
    return sum(problem.worth(job, plan[job.id].finish) for job in problem.jobs if job.id in plan)


def loosest_bound(problem: ScheduleProblem) -> int:
    """What all jobs would be worth if each were alone in the world."""
    alone = (problem.worth(job, job.earliest + min(mode.weeks for mode in job.modes)) for job in problem.jobs)
    return sum(max(0, worth) for worth in alone)


def require_schedulable(problem: ScheduleProblem) -> None:
    """Raises SelectionRefused when something is unknown or out of range, DependencyCycle for a circle."""
    known = {job.id for job in problem.jobs}
    if len(known) < len(problem.jobs):
        raise SelectionRefused("A job is given twice")
    named = [end for each in problem.precedences for end in (each.before, each.after)]
    groups = (*problem.exclusions, *problem.couplings, *problem.one_of)
    named += [member for group in groups for member in group]
    if unknown := set(named) - known:
        raise SelectionRefused(f"{min(unknown)} is not part of the problem")
    if any(len(weeks) != problem.horizon for weeks in problem.capacity.values()):
        raise SelectionRefused("Capacity must be given for each week of the horizon")
    for job in problem.jobs:
        _require_modes(problem, job)
    require_acyclic(Dependency(each.after, each.before) for each in problem.precedences)


def digest_of_schedule(problem: ScheduleProblem, **settings: object) -> str:
    """SHA-256 over the problem and whatever else decides the answer; the order in which things are given does not."""
    canonical = {
        "horizon": problem.horizon,
        "jobs": sorted(json.dumps(asdict(job), sort_keys=True) for job in problem.jobs),
        "capacity": sorted([*resource, list(weeks)] for resource, weeks in problem.capacity.items()),
        "precedences": sorted([p.before, p.after, p.lag, p.link] for p in problem.precedences),
        "budgets": sorted([b.name, b.limit] for b in problem.budgets),
        "exclusions": sorted(sorted(group) for group in problem.exclusions),
        "couplings": sorted(sorted(group) for group in problem.couplings),
        "one_of": sorted(sorted(group) for group in problem.one_of),
        "goal": [problem.goal, problem.discount_percent],
        "settings": settings,
    }
    return hashlib.sha256(json.dumps(canonical, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def in_order(problem: ScheduleProblem) -> ScheduleProblem:
    """The same problem in the order that its digest has: equal digests then get equal answers."""
    return replace(
        problem,
        jobs=tuple(sorted(problem.jobs, key=lambda job: job.id)),
        precedences=tuple(sorted(problem.precedences, key=lambda p: (p.before, p.after, p.lag, p.link))),
        budgets=tuple(sorted(problem.budgets, key=lambda budget: budget.name)),
        exclusions=tuple(sorted(tuple(sorted(group)) for group in problem.exclusions)),
        couplings=tuple(sorted(tuple(sorted(group)) for group in problem.couplings)),
        one_of=tuple(sorted(tuple(sorted(group)) for group in problem.one_of)),
        capacity=dict(sorted(problem.capacity.items())),
    )


def prerequisites(problem: ScheduleProblem) -> dict[str, list[Precedence]]:
    """What each job waits for."""
    waits: dict[str, list[Precedence]] = {job.id: [] for job in problem.jobs}
    for each in problem.precedences:
        waits[each.after].append(each)
    return waits


def ready_at(waits: Iterable[Precedence], plan: Plan) -> int:
    """The first week in which a job may start, everything that it waits for being in the plan."""
    moments = (
        (plan[each.before].finish if each.link == "finish_start" else plan[each.before].start) + each.lag
        for each in waits
    )
    return max(moments, default=0)


def _require_modes(problem: ScheduleProblem, job: Job) -> None:
    if not job.modes:
        raise SelectionRefused(f"{job.id} can be done in no way")
    for package in (package for mode in job.modes for package in mode.packages):
        if (package.team, package.skill) not in problem.capacity:
            raise SelectionRefused(f"{job.id} needs {package.skill} of {package.team}, which has none")
        if package.weeks < 0 or package.demand < 0:
            raise SelectionRefused(f"{job.id} has a package with negative work")
