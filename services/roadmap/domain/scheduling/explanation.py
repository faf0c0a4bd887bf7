"""Why a job is not in the plan, and what would let it in; and which rules of an impossible plan clash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from services.roadmap.domain.conflicts import minimal_conflict
from services.roadmap.domain.scheduling.greedy import Room, room_of
from services.roadmap.domain.scheduling.model import ScheduleModel
from services.roadmap.domain.scheduling.problem import (
    Job,
    Mode,
    Plan,
    Resource,
    ScheduleProblem,
    prerequisites,
    ready_at,
)
from services.roadmap.domain.selection.problem import Budget

Reason = Literal["excluded", "needs_unplanned", "too_late", "over_budget", "over_capacity", "outweighed"]
RuleKind = Literal[
    "must_have", "held", "deadline", "capacity", "dependency", "exclusion", "coupling", "one_of", "budget"
]

CHECK_S = 10.0


@dataclass(frozen=True, slots=True)
class WhyUnplanned:
    """The first obstacle on a job's way into the plan, all else staying as it is.

    `shortfall` is, by budget, what is missing. `missing_capacity` is, by team and skill, how many units in all weeks
    together are missing at the start where fewest are. `outweighed`: it fits, and yet the plan is no better with it.
    """

    job: str
    reason: Reason
    blockers: tuple[str, ...] = ()
    shortfall: Mapping[str, int] = field(default_factory=dict)
    missing_capacity: Mapping[Resource, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class ScheduleRule:
    """One thing that the caller laid down."""

    kind: RuleKind
    subjects: tuple[str, ...]


def unplanned(problem: ScheduleProblem, plan: Plan) -> tuple[WhyUnplanned, ...]:
    """A reason for each job outside the plan, by id."""
    room, waits = room_of(problem, plan), prerequisites(problem)
    left = {
        budget.name: budget.limit - sum(job.uses.get(budget.name, 0) for job in problem.jobs if job.id in plan)
        for budget in problem.budgets
    }
    outside = sorted((job for job in problem.jobs if job.id not in plan), key=lambda job: job.id)
    found = []
    for job in outside:
        groups = (*problem.exclusions, *problem.one_of)
        rivals = sorted({m for group in groups if job.id in group for m in group if m in plan})
        lacking = sorted({each.before for each in waits[job.id] if each.before not in plan})
        short = {name: job.uses.get(name, 0) - rest for name, rest in left.items() if job.uses.get(name, 0) > rest}
        if rivals:
            found.append(WhyUnplanned(job.id, "excluded", tuple(rivals)))
        elif lacking:
            found.append(WhyUnplanned(job.id, "needs_unplanned", tuple(lacking)))
        elif short:
            found.append(WhyUnplanned(job.id, "over_budget", tuple(short), shortfall=short))
        else:
            found.append(_by_capacity(problem, job, room, begin=max(job.earliest, ready_at(waits[job.id], plan))))
    return tuple(found)


def _by_capacity(problem: ScheduleProblem, job: Job, room: Room, *, begin: int) -> WhyUnplanned:
    starts = [
        (start, mode) for mode in job.modes for start in range(begin, problem.latest_finish(job) - mode.weeks + 1)
    ]
    if not starts:
        return WhyUnplanned(job.id, "too_late")
    missing = min((_missing(room, mode, start) for start, mode in starts), key=lambda each: sum(each.values()))
    if not missing:
        return WhyUnplanned(job.id, "outweighed")
    names = tuple(f"{team}:{skill}" for team, skill in missing)
    return WhyUnplanned(job.id, "over_capacity", names, missing_capacity=missing)


def _missing(room: Room, mode: Mode, start: int) -> dict[Resource, int]:
    wanted: dict[Resource, npt.NDArray[np.int64]] = {}
    for package in mode.packages:
        resource = (package.team, package.skill)
        use = wanted.setdefault(resource, np.zeros(len(room[resource]), dtype=np.int64))
        use[start : start + package.weeks] += package.demand
    lacking = {each: int(np.maximum(0, np.where(use > 0, use - room[each], 0)).sum()) for each, use in wanted.items()}
    return {resource: amount for resource, amount in lacking.items() if amount}


def schedule_conflict(problem: ScheduleProblem, *, seed: int) -> tuple[ScheduleRule, ...]:
    """A minimal set of rules that cannot hold together; empty when they can, or when that could not be told in time."""

    def can_hold(rules: Sequence[ScheduleRule]) -> bool:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_time_in_seconds = CHECK_S
        solver.parameters.stop_after_first_solution = True
        built = ScheduleModel.of(under(problem, frozenset(rules)))
        return solver.solve(built.model) != cp_model.INFEASIBLE

    return tuple(sorted(minimal_conflict(_rules_of(problem), can_hold=can_hold)))


def _rules_of(problem: ScheduleProblem) -> list[ScheduleRule]:
    rules = [ScheduleRule("must_have", (job.id,)) for job in problem.jobs if job.is_required]
    rules += [ScheduleRule("held", (job.id,)) for job in problem.jobs if job.start is not None]
    rules += [ScheduleRule("deadline", (job.id,)) for job in problem.jobs if job.deadline is not None]
    rules += [ScheduleRule("capacity", resource) for resource in problem.capacity]
    rules += [ScheduleRule("dependency", (each.after, each.before)) for each in problem.precedences]
    rules += [ScheduleRule("exclusion", tuple(sorted(group))) for group in problem.exclusions]
    rules += [ScheduleRule("coupling", tuple(sorted(group))) for group in problem.couplings]
    rules += [ScheduleRule("one_of", tuple(sorted(group))) for group in problem.one_of]
    rules += [ScheduleRule("budget", (budget.name,)) for budget in problem.budgets]
    return sorted(set(rules))


def under(problem: ScheduleProblem, rules: frozenset[ScheduleRule]) -> ScheduleProblem:
    """The problem with only these rules in force."""
    plenty = sum(package.demand for job in problem.jobs for mode in job.modes for package in mode.packages)
    total = {budget.name: sum(job.uses.get(budget.name, 0) for job in problem.jobs) for budget in problem.budgets}
    return replace(
        problem,
        jobs=tuple(_job_under(job, rules) for job in problem.jobs),
        capacity={
            resource: weeks if ScheduleRule("capacity", resource) in rules else (plenty,) * problem.horizon
            for resource, weeks in problem.capacity.items()
        },
        precedences=tuple(
            each for each in problem.precedences if ScheduleRule("dependency", (each.after, each.before)) in rules
        ),
        exclusions=tuple(g for g in problem.exclusions if ScheduleRule("exclusion", tuple(sorted(g))) in rules),
        couplings=tuple(g for g in problem.couplings if ScheduleRule("coupling", tuple(sorted(g))) in rules),
        one_of=tuple(g for g in problem.one_of if ScheduleRule("one_of", tuple(sorted(g))) in rules),
        budgets=tuple(
            budget if ScheduleRule("budget", (budget.name,)) in rules else Budget(budget.name, total[budget.name])
            for budget in problem.budgets
        ),
    )


def _job_under(job: Job, rules: frozenset[ScheduleRule]) -> Job:
    return replace(
        job,
        is_required=job.is_required and ScheduleRule("must_have", (job.id,)) in rules,
        start=job.start if ScheduleRule("held", (job.id,)) in rules else None,
        deadline=job.deadline if ScheduleRule("deadline", (job.id,)) in rules else None,
    )
