"""One thing that could be otherwise, and the problem as it would be then."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce

from services.roadmap.domain.scheduling.problem import Job, ScheduleProblem
from services.roadmap.domain.selection.problem import Budget, SelectionProblem

WITHOUT = "without"
"""The budget that keeps a job out of a schedule: it uses one of none. What waits for it stays out with it."""


class ChangeRefused(Exception):
    """The change speaks of something that the problem does not know; the message says of what."""


@dataclass(frozen=True, slots=True)
class MoreBudget:
    """`amount` more (or less) of a budget, in the solver's units."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class MorePeople:
    """`units` more (or fewer) of a team's skill, in every week in which there is any."""

    team: str
    skill: str
    units: int


@dataclass(frozen=True, slots=True)
class OtherDeadline:
    """The last week by whose end the feature has to be done; None: whenever."""

    feature: str
    deadline: int | None


@dataclass(frozen=True, slots=True)
class Freed:
    """Neither demanded nor forbidden nor held to a date."""

    feature: str


@dataclass(frozen=True, slots=True)
class Demanded:
    """To be built in any case, beside what was laid down already."""

    feature: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Not to be built in any case, beside what was laid down already."""

    feature: str


Change = MoreBudget | MorePeople | OtherDeadline | Freed | Demanded | Forbidden


def selection_with(problem: SelectionProblem, changes: Iterable[Change]) -> SelectionProblem:
    """Raises ChangeRefused for people and dates, which a selection does not have, and for what is unknown."""
    return reduce(_selection_with, changes, problem)


def schedule_with(problem: ScheduleProblem, changes: Iterable[Change]) -> ScheduleProblem:
    """Raises ChangeRefused for what is unknown."""
    return reduce(_schedule_with, changes, problem)


def _selection_with(problem: SelectionProblem, change: Change) -> SelectionProblem:
    match change:
        case MoreBudget():
            return replace(problem, budgets=_with_budget(problem.budgets, change))
        case MorePeople() | OtherDeadline():
            raise ChangeRefused("A selection knows neither people nor dates: ask a schedule")
        case Freed(feature) | Demanded(feature) | Forbidden(feature):
            if feature not in {candidate.id for candidate in problem.candidates}:
                raise ChangeRefused(f"Feature {feature} is not among those to choose from")
    match change:
        case Demanded():
            return replace(problem, must_have=problem.must_have | {feature})
        case Forbidden():
            return replace(problem, pinned_out=problem.pinned_out | {feature})
        case _:
            return replace(
                problem,
                must_have=problem.must_have - {feature},
                pinned_in=problem.pinned_in - {feature},
                pinned_out=problem.pinned_out - {feature},
            )


def _schedule_with(problem: ScheduleProblem, change: Change) -> ScheduleProblem:
    match change:
        case MoreBudget():
            return replace(problem, budgets=_with_budget(problem.budgets, change))
        case MorePeople():
            return _with_people(problem, change)
        case OtherDeadline(feature, deadline):
            return _with_job(problem, feature, lambda job: replace(job, deadline=deadline))
        case Freed(feature):
            return _with_job(problem, feature, lambda job: replace(job, is_required=False, start=None))
        case Demanded(feature):
            return _with_job(problem, feature, lambda job: replace(job, is_required=True))
        case Forbidden(feature):
            barred = _with_job(problem, feature, lambda job: replace(job, uses={**job.uses, WITHOUT: 1}))
            others = tuple(budget for budget in problem.budgets if budget.name != WITHOUT)
            return replace(barred, budgets=(*others, Budget(WITHOUT, 0)))


def _with_budget(budgets: tuple[Budget, ...], change: MoreBudget) -> tuple[Budget, ...]:
    if change.name not in {budget.name for budget in budgets}:
        raise ChangeRefused(f"The question has no budget of {change.name}")
    return tuple(
        replace(budget, limit=max(0, budget.limit + change.amount)) if budget.name == change.name else budget
        for budget in budgets
    )


def _with_people(problem: ScheduleProblem, change: MorePeople) -> ScheduleProblem:
    resource = (change.team, change.skill)
    if resource not in problem.capacity:
        raise ChangeRefused(f"Team {change.team} has nobody for {change.skill}")
    weeks = tuple(max(0, units + change.units) if units else 0 for units in problem.capacity[resource])
    return replace(problem, capacity={**problem.capacity, resource: weeks})


def _with_job(problem: ScheduleProblem, feature: str, other: Callable[[Job], Job]) -> ScheduleProblem:
    if feature not in {job.id for job in problem.jobs}:
        raise ChangeRefused(f"Feature {feature} is not among those that can be scheduled")
    return replace(problem, jobs=tuple(other(job) if job.id == feature else job for job in problem.jobs))
