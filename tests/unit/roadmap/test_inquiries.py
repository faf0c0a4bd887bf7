"""What if, value against budget, and why: held against brute force on small problems."""

from itertools import chain, combinations
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.inquiries.changes import (
    ChangeRefused,
    Demanded,
    Forbidden,
    Freed,
    MoreBudget,
    MorePeople,
    OtherDeadline,
    schedule_with,
    selection_with,
)
from services.roadmap.domain.inquiries.frontier import frontier
from services.roadmap.domain.inquiries.solvers import ScheduleSolver, SelectionSolver
from services.roadmap.domain.scheduling.answer import Limits
from services.roadmap.domain.scheduling.problem import Job, Mode, Package, Precedence, ScheduleProblem
from services.roadmap.domain.scheduling.solving import schedule
from services.roadmap.domain.selection.checker import broken_rules
from services.roadmap.domain.selection.problem import Budget, Candidate, Customer, Dependency, SelectionProblem
from services.roadmap.domain.selection.selecting import select

NAMES = tuple("abcdef")


@st.composite
def selections(draw: st.DrawFn) -> SelectionProblem:
    number = st.integers(0, 9)
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    candidates = tuple(Candidate(name, draw(number), {"days": draw(number)}) for name in names)
    pairs = list(combinations(names, 2))
    needs = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3)) if pairs else []
    wants = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    return SelectionProblem(
        candidates,
        budgets=(Budget("days", draw(st.integers(0, 30))),),
        customers=(Customer("acme", draw(number), tuple(wants)),),
        dependencies=tuple(Dependency(one, other) for one, other in needs),
    )


def every_choice(problem: SelectionProblem) -> list[frozenset[str]]:
    names = [candidate.id for candidate in problem.candidates]
    subsets = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
    return [frozenset(each) for each in subsets if not broken_rules(problem, each)]


def best(problem: SelectionProblem) -> int | None:
    return max((problem.value_of(each) for each in every_choice(problem)), default=None)


def solver_of(problem: SelectionProblem) -> SelectionSolver:
    found = select(problem, explain_s=0)
    return SelectionSolver(problem, frozenset(found.chosen), found.bound or 0, seed=0, time_limit_s=10)


@settings(max_examples=40)
@given(selections(), st.integers(-5, 15), st.data())
def test_every_change_is_worth_what_brute_force_finds(
    problem: SelectionProblem, more: int, data: st.DataObject
) -> None:
    solver = solver_of(problem)
    feature = data.draw(st.sampled_from([candidate.id for candidate in problem.candidates]))
    for change in (MoreBudget("days", more), Demanded(feature), Forbidden(feature), Freed(feature)):
        outcome = solver.under([change])
        assert outcome.is_proved
        assert outcome.objective == best(selection_with(problem, [change]))
        if outcome.objective is None:
            assert solver.clash([change])


@settings(max_examples=40)
@given(selections())
def test_each_point_of_the_frontier_is_exact_and_better_than_the_cheaper_one(problem: SelectionProblem) -> None:
    up_to = sum(candidate.uses["days"] for candidate in problem.candidates)
    points = frontier(problem, "days", up_to=up_to, points=50, seed=0, time_limit_s=10)
    free = selection_with(problem, [MoreBudget("days", up_to)])
    worth = {each: (free.use_of(each)["days"], free.value_of(each)) for each in every_choice(free)}
    pareto = {
        (use, value)
        for use, value in worth.values()
        if not any((u <= use and v > value) or (u < use and v >= value) for u, v in worth.values())
    }
    assert {(point.use, point.value) for point in points} == pareto
    assert all(point.is_proved and worth[frozenset(point.chosen)] == (point.use, point.value) for point in points)
    assert points == sorted(points, key=lambda point: point.value)


def a_fortnight() -> ScheduleProblem:
    """One person, four weeks; three jobs of two weeks each: only two fit, and the second waits for the first."""
    ways = (Mode((Package("core", "code", 2, 10),)),)
    jobs = tuple(Job(name, value, ways) for name, value in (("login", 300), ("sharing", 200), ("export", 100)))
    return ScheduleProblem(4, jobs, {("core", "code"): (10,) * 4}, precedences=(Precedence("login", "sharing"),))


def schedule_solver(problem: ScheduleProblem) -> ScheduleSolver:
    found = schedule(problem, Limits(time_limit_s=10))
    assert (found.status, set(found.plan)) == ("optimal", {"login", "sharing"})
    return ScheduleSolver(problem, found.plan, found.bound or 0, seed=0, time_limit_s=10, now=monotonic)


def test_one_more_person_lets_the_third_job_in() -> None:
    solver = schedule_solver(a_fortnight())
    outcome = solver.under([MorePeople("core", "code", 10)])
    assert (outcome.status, outcome.chosen) == ("optimal", {"login", "sharing", "export"})
    assert outcome.objective is not None
    assert solver.known.objective is not None
    assert outcome.objective > solver.known.objective


def test_a_schedule_without_a_job_lacks_what_waits_for_it() -> None:
    solver = schedule_solver(a_fortnight())
    assert solver.under([Forbidden("login")]).chosen == {"export"}
    demanded = solver.under([Demanded("export")])
    assert (demanded.status, demanded.chosen) == ("optimal", {"login", "export"})
    assert solver.under([OtherDeadline("sharing", 3)]).chosen == {"login", "export"}


def test_what_cannot_be_is_answered_with_the_rules_that_clash() -> None:
    solver = schedule_solver(a_fortnight())
    impossible = [Demanded("sharing"), Demanded("export")]
    assert solver.under(impossible).status == "infeasible"
    assert {rule.kind for rule in solver.clash(impossible)} >= {"must_have", "capacity"}


@pytest.mark.parametrize(
    "change", [MoreBudget("cost", 1), MorePeople("core", "design", 1), OtherDeadline("x", 1), Freed("x")]
)
def test_changes_of_what_is_unknown_are_refused(change: MoreBudget | MorePeople | OtherDeadline | Freed) -> None:
    with pytest.raises(ChangeRefused):
        schedule_with(a_fortnight(), [change])
    with pytest.raises(ChangeRefused):
        selection_with(SelectionProblem((Candidate("a"),)), [change])
