"""Schedules equal brute force on small instances, keep every rule, and come out the same for the same input."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.scheduling.answer import Incumbent, Limits
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.explanation import ScheduleRule, schedule_conflict, under
from services.roadmap.domain.scheduling.greedy import greedy_plan, value_for_effort
from services.roadmap.domain.scheduling.neighbourhood import part_of
from services.roadmap.domain.scheduling.problem import (
    Job,
    Mode,
    Package,
    Precedence,
    ScheduleProblem,
    digest_of_schedule,
    objective_of,
)
from services.roadmap.domain.scheduling.solving import schedule
from services.roadmap.domain.selection.problem import DependencyCycle, SelectionRefused
from tests.unit.roadmap.schedules import NAMES, QUICK, WEEKS, every_plan, is_held, one, plan_of, problems


@settings(max_examples=120)
@given(problems())
def test_the_plan_is_worth_what_brute_force_finds(problem: ScheduleProblem) -> None:
    plans = [plan for plan in every_plan(problem) if is_held(problem, plan)]
    answer = schedule(problem, QUICK)
    if not plans:
        assert answer.status == "infeasible"
        return
    best = max(objective_of(problem, plan) for plan in plans)
    assert (answer.status, answer.objective, answer.bound, answer.gap) == ("optimal", best, best, 0.0)
    assert faults_of(problem, answer.plan) == []


@settings(max_examples=100)
@given(problems(), st.sampled_from([0.0, 1.0]))
def test_the_first_plan_breaks_nothing_but_may_lack_what_is_required(problem: ScheduleProblem, weight: float) -> None:
    plan = greedy_plan(problem, value_for_effort(problem, budget_weight=weight))
    optional = replace(problem, one_of=(), jobs=tuple(replace(job, is_required=False) for job in problem.jobs))
    assert faults_of(optional, plan) == []


@settings(max_examples=100)
@given(problems(), st.sets(st.sampled_from(NAMES), min_size=1), st.randoms(use_true_random=False))
def test_an_answer_to_a_part_fits_back_into_the_whole(problem: ScheduleProblem, freed: set[str], random: Any) -> None:
    plans = [plan for plan in every_plan(problem) if is_held(problem, plan)]
    if not plans:
        return
    plan = random.choice(plans)
    part = part_of(problem, plan, freed)
    answer = schedule(part, QUICK)
    inside = {job.id for job in part.jobs}
    assert answer.status == "optimal"
    merged = {name: place for name, place in plan.items() if name not in inside} | answer.plan
    assert faults_of(problem, merged) == []
    assert objective_of(problem, merged) >= objective_of(problem, plan)


@settings(max_examples=40)
@given(problems())
def test_a_conflict_of_a_schedule_is_minimal(problem: ScheduleProblem) -> None:
    """Leave any rule of it out, and the others can be kept: by brute force."""
    if any(is_held(problem, plan) for plan in every_plan(problem)):
        return
    conflict = frozenset(schedule_conflict(problem, seed=1))

    def can_hold(rules: frozenset[ScheduleRule]) -> bool:
        part = under(problem, rules)
        return any(is_held(part, plan) for plan in every_plan(part))

    assert conflict
    assert not can_hold(conflict)
    assert all(can_hold(conflict - {rule}) for rule in conflict)


def test_what_belongs_to_something_that_cannot_be_built_drops_out_with_it() -> None:
    """`b` waits for `a`, which is not built; `c` belongs to `b`, and `d` waits for `c`."""
    problem = ScheduleProblem(
        horizon=WEEKS,
        jobs=tuple(one(name) for name in "abcd"),
        capacity={("core", "code"): (4,) * WEEKS},
        precedences=(Precedence("a", "b", 0, "finish_start"), Precedence("c", "d", 0, "finish_start")),
        couplings=(("b", "c"),),
    )
    assert part_of(problem, {}, {"b", "c", "d"}).jobs == ()
    assert {job.id for job in part_of(problem, {}, set("abcd")).jobs} == set("abcd")


def test_replanning_moves_as_little_as_it_can() -> None:
    """Equal jobs could stand in any order: they stay where they stood."""
    jobs = [one(name, former_start=start) for name, start in (("a", 2), ("b", 0), ("c", 1))]
    answer = schedule(plan_of(*jobs), QUICK)
    assert {name: place.start for name, place in answer.plan.items()} == {"a": 2, "b": 0, "c": 1}


def test_incumbents_are_told_as_they_come() -> None:
    told: list[Incumbent] = []
    answer = schedule(plan_of(one("a"), one("b", 9)), QUICK, report=told.append)
    assert told[0].objective == answer.first_objective
    assert told[-1].plan == answer.plan


def test_the_same_input_gives_the_same_answer_in_any_order() -> None:
    problem = plan_of(*(one(name, value) for name, value in (("a", 3), ("b", 5), ("c", 4))))
    turned = replace(problem, jobs=tuple(reversed(problem.jobs)))
    limits = Limits(seed=3, time_limit_s=60, deterministic=1.0)
    assert schedule(problem, limits) == schedule(turned, limits)
    assert digest_of_schedule(problem) == digest_of_schedule(turned)


def test_a_big_problem_is_searched_by_neighbourhoods(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("FEW", "MANY"):
        monkeypatch.setattr(f"services.roadmap.domain.scheduling.solving.{limit}", 1)
    clock = iter(range(1000))
    jobs = [one(f"{n:02}", 1 + n % 7, weeks=1 + n % 3) for n in range(12)]
    limits = Limits(seed=1, time_limit_s=20, deterministic=1e-6)
    answer = schedule(plan_of(*jobs), limits, now=lambda: float(next(clock)))
    assert answer.objective is not None
    assert answer.bound is not None
    assert answer.first_objective is not None
    assert answer.first_objective <= answer.objective <= answer.bound


def test_neighbourhoods_give_the_same_answer_for_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.roadmap.domain.scheduling.solving.FEW", 1)
    jobs = [one(f"{n:02}", 1 + n * n % 7, weeks=1 + n % 3, former_start=n % 4) for n in range(12)]
    limits = Limits(seed=2, time_limit_s=60, deterministic=0.01)
    answers = [schedule(plan_of(*turned), limits, now=lambda: 0.0) for turned in (jobs, jobs[::-1])]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "problem",
    [
        plan_of(one("a"), one("a")),
        plan_of(one("a"), precedences=(Precedence("a", "z"),)),
        plan_of(Job("a", 1, ())),
        plan_of(Job("a", 1, (Mode((Package("core", "art", 1, 1),)),))),
        replace(plan_of(one("a")), horizon=9),
    ],
)
def test_what_makes_no_sense_is_refused(problem: ScheduleProblem) -> None:
    with pytest.raises(SelectionRefused):
        schedule(problem, QUICK)


def test_a_circle_is_named() -> None:
    circle = (Precedence("a", "b"), Precedence("b", "a"))
    with pytest.raises(DependencyCycle, match=r"a -> b -> a|b -> a -> b"):
        schedule(plan_of(one("a"), one("b"), precedences=circle), QUICK)
