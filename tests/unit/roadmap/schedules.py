"""Small schedules, and the oracle that lists all plans of one."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from services.roadmap.domain.scheduling.answer import Limits
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.problem import (
    Job,
    Mode,
    Package,
    Placement,
    Precedence,
    ScheduleProblem,
)
from services.roadmap.domain.selection.problem import Budget

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


def one(name: str, value: int = 5, *, weeks: int = 1, demand: int = 1, **more: Any) -> Job:
    return Job(name, value, (Mode((Package("core", "code", weeks, demand),)),), **more)


def plan_of(*jobs: Job, **more: Any) -> ScheduleProblem:
    return ScheduleProblem(horizon=8, jobs=jobs, capacity={("core", "code"): (1,) * 8}, **more)
