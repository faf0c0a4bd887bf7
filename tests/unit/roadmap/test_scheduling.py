"""Schedules equal brute force on small instances, keep every rule, and come out the same for the same input."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.scheduling.answer import Incumbent, Limits
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.explanation import ScheduleRule, schedule_conflict, under
from services.roadmap.domain.scheduling.greedy import greedy_plan, value_for_effort
from services.roadmap.domain.scheduling.neighbourhood import part_of
from services.roadmap.domain.scheduling.pricing import ROUNDING, prices_of
from services.roadmap.domain.scheduling.problem import (
    Job,
    Mode,
    Package,
    Placement,
    Precedence,
    ScheduleProblem,
    digest_of_schedule,
    objective_of,
)
from services.roadmap.domain.scheduling.relaxation import Relaxation
from services.roadmap.domain.scheduling.solving import schedule
from services.roadmap.domain.selection.problem import Budget, DependencyCycle, SelectionRefused

WEEKS = 4
NAMES = ("a", "b", "c")
QUICK = Limits(seed=1, time_limit_s=20, strategies=1)


def every_plan(problem: ScheduleProblem) -> Iterator[dict[str, Placement]]:
    """All plans that keep every rule: the oracle."""
    choices = []
    for job in problem.jobs:
        placed = [
            Placement(start, start + mode.weeks, index)
            for index, mode in enumerate(job.modes)
            for start in range(problem.horizon - mode.weeks + 1)
        ]
        choices.append([None, *placed])
    for choice in product(*choices):
        plan = {job.id: place for job, place in zip(problem.jobs, choice, strict=True) if place is not None}
        if not faults_of(problem, plan):
            yield plan


@st.composite
def problems(draw: st.DrawFn) -> ScheduleProblem:
    few = st.integers(0, 3)
    package = st.builds(
        Package, st.sampled_from(["core", "web"]), st.just("code"), st.integers(1, 2), st.integers(1, 2)
    )
    mode = st.lists(package, min_size=1, max_size=2, unique_by=lambda each: each.team).map(lambda p: Mode(tuple(p)))
    jobs = tuple(
        Job(
            name,
            draw(st.integers(0, 9)),
            tuple(draw(st.lists(mode, min_size=1, max_size=2))),
            {"cost": draw(few)},
            earliest=draw(st.integers(0, 1)),
            deadline=draw(st.none() | st.integers(2, WEEKS)),
            is_required=draw(st.booleans()) and draw(st.booleans()),
            start=draw(st.none() | st.none() | st.integers(0, 2)),
        )
        for name in NAMES
    )
    pairs = draw(st.sets(st.sampled_from(list(combinations(NAMES, 2))), max_size=2))
    return ScheduleProblem(
        horizon=WEEKS,
        jobs=jobs,
        capacity={(team, "code"): tuple(draw(few) for _ in range(WEEKS)) for team in ("core", "web")},
        precedences=tuple(
            Precedence(before, after, draw(st.integers(0, 1)), draw(st.sampled_from(["finish_start", "start_start"])))
            for before, after in sorted(pairs)
        ),
        budgets=(Budget("cost", draw(st.integers(0, 8))),),
        exclusions=draw(st.sampled_from([(), (("a", "b"),)])),
        couplings=draw(st.sampled_from([(), (("b", "c"),)])),
        one_of=draw(st.sampled_from([(), (), (("a", "c"),), (("a", "b", "c"),), (("b",),)])),
    )


def is_held(problem: ScheduleProblem, plan: dict[str, Placement]) -> bool:
    """A job that is held in place is in the plan."""
    return all(job.id in plan for job in problem.jobs if job.start is not None)


@settings(max_examples=120, deadline=None)
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


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_makespan_is_what_brute_force_finds(problem: ScheduleProblem) -> None:
    problem = replace(problem, goal="makespan", exclusions=(), one_of=())
    plans = [plan for plan in every_plan(problem) if len(plan) == len(problem.jobs)]
    answer = schedule(problem, QUICK)
    assert (answer.status == "infeasible") == (not plans)
    if plans:
        assert answer.objective == min(objective_of(problem, plan) for plan in plans) == answer.bound


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from([0.0, 1.0]))
def test_the_first_plan_breaks_nothing_but_may_lack_what_is_required(problem: ScheduleProblem, weight: float) -> None:
    plan = greedy_plan(problem, value_for_effort(problem, budget_weight=weight))
    optional = replace(problem, one_of=(), jobs=tuple(replace(job, is_required=False) for job in problem.jobs))
    assert faults_of(optional, plan) == []


@settings(max_examples=100, deadline=None)
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


@settings(max_examples=40, deadline=None)
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


def one(name: str, value: int = 5, *, weeks: int = 1, **more: Any) -> Job:
    return Job(name, value, (Mode((Package("core", "code", weeks, 1),)),), **more)


def plan_of(*jobs: Job, **more: Any) -> ScheduleProblem:
    return ScheduleProblem(horizon=8, jobs=jobs, capacity={("core", "code"): (1,) * 8}, **more)


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


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from([0, 1, 30, 200]))
def test_no_plan_is_worth_more_than_the_bound_of_prices(problem: ScheduleProblem, steps: int) -> None:
    """Whatever the prices are: after no step, one, and many."""
    prices = prices_of(problem, steps=steps)
    plans = [plan for plan in every_plan(problem) if is_held(problem, plan)]
    if plans:
        assert prices is not None
        assert max(objective_of(problem, plan) for plan in plans) <= prices.bound


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 1000))
def test_any_prices_give_a_bound(problem: ScheduleProblem, seed: int) -> None:
    relaxation = Relaxation(problem)
    dice = np.random.default_rng(seed)
    prices = relaxation.allowed(dice.normal(0, 10.0 ** dice.integers(0, 5), len(relaxation.limits)))
    bound = relaxation.choose(prices).bound
    for plan in every_plan(problem):
        if is_held(problem, plan):
            assert objective_of(problem, plan) <= bound + ROUNDING


def test_prices_close_the_gap_where_nothing_is_divided() -> None:
    """Two weeks for three jobs of one week: the third is dropped, and the bound says just what the others are worth."""
    problem = replace(plan_of(one("a", 3), one("b", 5), one("c", 4)), horizon=2, capacity={("core", "code"): (1, 1)})
    prices = prices_of(problem)
    assert prices is not None
    answer = schedule(problem, QUICK)
    assert (prices.bound, set(answer.plan)) == (answer.objective, {"b", "c"})


def test_prices_tell_of_the_step_at_which_they_know_enough() -> None:
    """A plan that is worth all that the jobs are worth alone needs no prices."""
    problem = plan_of(one("a"))
    prices = prices_of(problem, enough=problem.worth(problem.jobs[0], 1))
    assert prices is not None
    assert prices.bound == problem.worth(problem.jobs[0], 1)


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
