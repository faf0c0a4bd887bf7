"""Plans of everything are as short as brute force finds, and break nothing on the way."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.scheduling.answer import Found, Incumbent, Limits
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.greedy import first_fit, room_of
from services.roadmap.domain.scheduling.justification import Justification
from services.roadmap.domain.scheduling.problem import (
    Placement,
    Precedence,
    ScheduleProblem,
    objective_of,
    prerequisites,
    ready_at,
)
from services.roadmap.domain.scheduling.searching import search
from services.roadmap.domain.scheduling.solving import schedule
from tests.unit.roadmap.schedules import NAMES, QUICK, WEEKS, every_plan, one, plan_of, problems


def settled(problem: ScheduleProblem) -> tuple[ScheduleProblem, dict[str, Placement]]:
    """Everything wanted and held nowhere, in the first mode of each; with a plan that gives each a place of its own."""
    jobs = tuple(replace(job, modes=job.modes[:1], start=None, deadline=None, uses={}) for job in problem.jobs)
    weeks = [job.modes[0].weeks for job in jobs]
    ends = [sum(weeks[: number + 1]) + 2 * number + 2 for number in range(len(jobs))]
    room = {resource: tuple(2 + unit % 2 for unit in units) * 4 for resource, units in problem.capacity.items()}
    whole = replace(problem, jobs=jobs, goal="makespan", horizon=4 * WEEKS, capacity=room)
    whole = replace(whole, exclusions=(), one_of=(), couplings=(), budgets=())
    places = zip(jobs, ends, weeks, strict=True)
    return whole, {job.id: Placement(end - long, end, 0) for job, end, long in places}


@settings(max_examples=100)
@given(problems(), st.lists(st.floats(0, 9), min_size=3, max_size=3))
def test_justified_plans_break_nothing_whatever_the_order(problem: ScheduleProblem, keys: list[float]) -> None:
    problem, plan = settled(problem)
    assert faults_of(problem, plan) == []
    passes = Justification(problem, plan, end=problem.horizon)
    early = passes.early(keys)
    assert early is not None
    late, justified = passes.late(early), passes.justified(early)
    assert late is not None
    assert justified is not None
    assert [faults_of(problem, passes.plan(starts)) for starts in (early, late, justified)] == [[], [], []]
    assert all(last >= first for last, first in zip(late, early, strict=True))


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3), st.floats(0, 9)), min_size=6, max_size=12), st.data())
def test_what_is_justified_is_never_longer(work: list[tuple[int, int, float]], data: st.DataObject) -> None:
    """To the right first what ends last: in the order of the starts a plan can become longer."""
    jobs = [one(f"{number:02}", weeks=weeks, demand=demand) for number, (weeks, demand, _) in enumerate(work)]
    pairs = data.draw(st.sets(st.sampled_from(list(combinations([job.id for job in jobs], 2))), max_size=6))
    horizon = sum(weeks for weeks, _, _ in work)
    problem = replace(
        plan_of(*jobs, goal="makespan"),
        horizon=horizon,
        capacity={("core", "code"): (4,) * horizon},
        precedences=tuple(Precedence(before, after) for before, after in sorted(pairs)),
    )
    passes = Justification(problem, dict.fromkeys([job.id for job in jobs], Placement(0, 0, 0)), end=horizon)
    early = passes.early([key for _, _, key in work])
    assert early is not None
    justified = passes.justified(early)
    assert justified is not None
    assert passes.makespan(justified) <= passes.makespan(early)


@settings(max_examples=100)
@given(problems(), st.lists(st.floats(0, 9), min_size=3, max_size=3))
def test_the_serial_scheme_finds_the_first_place_with_room(problem: ScheduleProblem, keys: list[float]) -> None:
    """What it looks up in one long number is what the week by week account of the first plan finds."""
    problem, plan = settled(problem)
    starts = Justification(problem, plan, end=problem.horizon).early(keys)
    assert starts is not None
    placed: dict[str, Placement] = {}
    waits, left = prerequisites(problem), dict(zip(NAMES, zip(keys, starts, strict=True), strict=True))
    jobs = {job.id: job for job in problem.jobs}
    while left:
        name = min((n for n in left if all(w.before in placed for w in waits[n])), key=lambda n: (left[n][0], n))
        begin, mode = max(jobs[name].earliest, ready_at(waits[name], placed)), jobs[name].modes[0]
        found = first_fit(room_of(problem, placed), mode.packages, begin, problem.horizon - mode.weeks)
        assert found == left.pop(name)[1]
        placed[name] = Placement(found, found + mode.weeks, 0)


def test_many_jobs_are_made_as_short_as_they_can_be_the_same_way_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long and short jobs for two people: the first order leaves a hole, and half of all weeks is the least."""
    monkeypatch.setattr("services.roadmap.domain.scheduling.solving.FEW", 1)
    weeks = (2, 2, 2, 3, 3, 1, 1)
    jobs = [one(str(number), weeks=each) for number, each in enumerate(weeks)]
    problem = replace(plan_of(*jobs, goal="makespan"), horizon=16, capacity={("core", "code"): (2,) * 16})
    told: list[Incumbent] = []
    limits = Limits(seed=1, time_limit_s=60, deterministic=1.0, strategies=1)
    answer = schedule(problem, limits, report=told.append, now=lambda: 0.0)
    assert (answer.status, answer.objective) == ("optimal", sum(weeks) / 2)
    assert [each.objective for each in told] == sorted({each.objective for each in told}, reverse=True)
    assert told[-1].objective == answer.objective
    assert schedule(problem, limits, now=lambda: 0.0) == answer


def test_what_the_first_search_leaves_open_a_second_proves_the_same_way_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twelve jobs for three people, of whom the first search sees next to nothing."""
    monkeypatch.setattr("services.roadmap.domain.scheduling.solving.FEW", 1)
    monkeypatch.setattr("services.roadmap.domain.scheduling.shortening.WITHIN_REACH", 1.0)
    jobs = [one(f"{number:02}", weeks=1 + number * 7 % 5, demand=1 + number % 2) for number in range(12)]
    problem = replace(plan_of(*jobs, goal="makespan"), horizon=60, capacity={("core", "code"): (3,) * 60})
    limits = Limits(seed=1, time_limit_s=60, deterministic=1.0, strategies=1)
    searches: list[str] = []

    def searched(*given: Any) -> Found:
        found = search(*given)
        searches.append(found.status)
        return found

    monkeypatch.setattr("services.roadmap.domain.scheduling.shortening.search", searched)
    monkeypatch.setattr("services.roadmap.domain.scheduling.shortening.PROOF_SHARE", 1e-6)
    answer = schedule(problem, limits, now=lambda: 0.0)
    assert searches == ["feasible", "optimal"]
    assert answer.objective == answer.bound
    assert schedule(problem, limits, now=lambda: 0.0) == answer


@settings(max_examples=60)
@given(problems())
def test_the_makespan_is_what_brute_force_finds(problem: ScheduleProblem) -> None:
    problem = replace(problem, goal="makespan", exclusions=(), one_of=())
    plans = [plan for plan in every_plan(problem) if len(plan) == len(problem.jobs)]
    answer = schedule(problem, QUICK)
    assert (answer.status == "infeasible") == (not plans)
    if plans:
        assert answer.objective == min(objective_of(problem, plan) for plan in plans) == answer.bound
