"""Plans of everything are as short as brute force finds, and break nothing on the way."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.scheduling.answer import Incumbent, Limits
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.greedy import first_fit, room_of
from services.roadmap.domain.scheduling.justification import Justification
from services.roadmap.domain.scheduling.problem import (
    Placement,
    ScheduleProblem,
    objective_of,
    prerequisites,
    ready_at,
)
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


@settings(max_examples=100, deadline=None)
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


@settings(max_examples=100, deadline=None)
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


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_makespan_is_what_brute_force_finds(problem: ScheduleProblem) -> None:
    problem = replace(problem, goal="makespan", exclusions=(), one_of=())
    plans = [plan for plan in every_plan(problem) if len(plan) == len(problem.jobs)]
    answer = schedule(problem, QUICK)
    assert (answer.status == "infeasible") == (not plans)
    if plans:
        assert answer.objective == min(objective_of(problem, plan) for plan in plans) == answer.bound
