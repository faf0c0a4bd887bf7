"""Improves a plan by large neighbourhoods, one after the other, each solved by CP-SAT. Child process only."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from services.roadmap.domain.scheduling.answer import Found, Incumbent, Limits, Report
from services.roadmap.domain.scheduling.model import ScheduleModel
from services.roadmap.domain.scheduling.neighbourhood import neighbours_of, part_of
from services.roadmap.domain.scheduling.problem import Placement, ScheduleProblem, objective_of
from services.roadmap.domain.scheduling.searching import STATUS, solver_within

PART_WORK = 0.2
LEAST_WORK = 1e-4


def improve(
    problem: ScheduleProblem, found: Found, limits: Limits, report: Report, *, seconds_left: Callable[[], float]
) -> Found:
    """Neighbourhoods drawn by lot from the seed, until time or work is spent or the bound is met."""
    dice = np.random.default_rng(limits.seed)
    plan, best, spent = found.plan, objective_of(problem, found.plan), 0.0
    while seconds_left() > 0 and (limits.deterministic is None or spent < limits.deterministic) and best != found.bound:
        other, work = _with_part_anew(problem, plan, limits, dice, patience_s=seconds_left())
        spent += max(work, LEAST_WORK)
        worth = objective_of(problem, other)
        if worth > best:
            report(Incumbent(other, worth, found.bound))
        if worth >= best:
            plan, best = other, worth
    return replace(found, plan=plan).under(problem, found.bound)


def _with_part_anew(
    problem: ScheduleProblem,
    plan: dict[str, Placement],
    limits: Limits,
    dice: np.random.Generator,
    *,
    patience_s: float,
) -> tuple[dict[str, Placement], float]:
    """The plan with a part of it solved again, and the work that this took."""
    part = part_of(problem, plan, neighbours_of(problem, dice))
    built = ScheduleModel.of(part)
    freed = {job.id for job in part.jobs}
    built.hint({name: place for name, place in plan.items() if name in freed})
    solver = solver_within(replace(limits, time_limit_s=max(0.1, patience_s), deterministic=PART_WORK, strategies=1))
    status = STATUS.get(solver.solve(built.model))
    work = float(solver.response_proto.deterministic_time)
    if status not in {"optimal", "feasible"}:
        return plan, work
    return {name: place for name, place in plan.items() if name not in freed} | built.plan(solver), work
