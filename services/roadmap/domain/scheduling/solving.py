"""Solves a schedule: an answer at once, then better ones, each with what no plan can exceed. Child process only."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import ceil, floor
from typing import Any, Literal

import numpy as np
from ortools.sat.python import cp_model

from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.greedy import greedy_plan
from services.roadmap.domain.scheduling.model import ScheduleModel
from services.roadmap.domain.scheduling.neighbourhood import neighbours_of, part_of
from services.roadmap.domain.scheduling.problem import (
    Placement,
    Plan,
    ScheduleProblem,
    digest_of_schedule,
    in_order,
    loosest_bound,
    objective_of,
    require_schedulable,
)

Status = Literal["optimal", "feasible", "infeasible", "unknown"]

VERSION = f"CP-SAT {version('ortools')}"
STATUS: dict[Any, Status] = {
    cp_model.OPTIMAL: "optimal",
    cp_model.FEASIBLE: "feasible",
    cp_model.INFEASIBLE: "infeasible",
}

BIG = 500
"""More jobs than this are searched by neighbourhoods: the whole model then serves for the bound."""

BOUND_SHARE = 0.4
PART_WORK = 0.2
BUDGET_WEIGHTS = (0.0, 0.5, 1.0, 2.0)


class ScheduleBroken(Exception):
    """The solver's plan does not stand up to the independent checker: a defect, never the caller's fault."""


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The best plan so far, and the bound when it was found."""

    plan: dict[str, Placement]
    objective: int
    bound: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """`deterministic` counts the solver's own work, so that equal runs end equally; seconds are patience."""

    seed: int = 0
    time_limit_s: float = 60.0
    deterministic: float | None = None
    strategies: int = 8

    def for_bound(self) -> "Limits":
        """For a big problem: one strategy, and a part of the time."""
        work = None if self.deterministic is None else self.deterministic * BOUND_SHARE
        return replace(self, strategies=1, time_limit_s=self.time_limit_s * BOUND_SHARE, deterministic=work)


@dataclass(frozen=True, slots=True)
class Schedule:
    """An answer with its proof; `gap` is |bound - objective| / |bound|, 0 with status `optimal` means proved."""

    status: Status
    plan: dict[str, Placement]
    objective: int | None
    bound: int | None
    gap: float | None
    first_objective: int | None
    solver: str
    limits: Limits
    digest: str


Report = Callable[[Incumbent], None]


def _ignore(_incumbent: Incumbent) -> None:
    """Nobody listens."""


def schedule(
    problem: ScheduleProblem,
    limits: Limits,
    *,
    report: Report = _ignore,
    now: Callable[[], float] | None = None,
    known: Plan | None = None,
) -> Schedule:
    """The best plan found within the limits; `report` hears of each better one, the greedy one first.

    Big problems are searched by neighbourhoods after the bound is there; `now` counts their seconds. The answer is no
    worse than a `known` plan that keeps the rules.
    """
    require_schedulable(problem)
    problem = in_order(problem)
    first, start = _first_plans(problem, report)
    if known and not faults_of(problem, known) and (not start or _is_better(problem, known, start)):
        start = dict(known)
    is_big = len(problem.jobs) > BIG and problem.goal == "value" and now is not None
    found = _search(problem, start, limits.for_bound() if is_big else limits, report)
    if is_big and now is not None and found.status == "feasible":
        found = _improve(problem, found, limits, report, now=now)
    if found.status == "optimal":
        plan = _kept_near(problem, found.plan, limits)
        found = _Found("optimal", plan, objective_of(problem, plan))
    return _answer(problem, found, limits, first_objective=objective_of(problem, first) if first else None)


@dataclass(frozen=True)
class _Found:
    status: Status
    plan: dict[str, Placement]
    bound: int | None


def _first_plans(problem: ScheduleProblem, report: Report) -> tuple[dict[str, Placement], dict[str, Placement]]:
    """The plainest plan, told at once, and the best of some that weigh the budgets otherwise; empty when none fits."""
    first: dict[str, Placement] = {}
    best: dict[str, Placement] = {}
    for weight in BUDGET_WEIGHTS if problem.goal == "value" else BUDGET_WEIGHTS[:1]:
        plan = greedy_plan(problem, budget_weight=weight)
        if faults_of(problem, plan):
            continue
        first = first or plan
        if not best or objective_of(problem, plan) > objective_of(problem, best):
            best = plan
            report(Incumbent(best, objective_of(problem, best), None))
    return first, best


def _search(problem: ScheduleProblem, first: dict[str, Placement], limits: Limits, report: Report) -> _Found:
    """The whole problem, from a first plan if there is one."""
    built = ScheduleModel.of(problem)
    if first:
        built.hint(first)
    solver = _solver(limits)
    status = STATUS.get(solver.solve(built.model, _Listener(built, report)), "unknown")
    if status == "infeasible":
        return _Found(status, {}, None)
    plan = built.plan(solver) if status != "unknown" else first
    if status == "feasible" and first and _is_better(problem, first, plan):
        plan = first
    return _Found("feasible" if plan and status == "unknown" else status, plan, _bound(problem, solver))


def _is_better(problem: ScheduleProblem, plan: Plan, other: Plan) -> bool:
    gain = objective_of(problem, plan) - objective_of(problem, other)
    return gain < 0 if problem.goal == "makespan" else gain > 0


def _improve(
    problem: ScheduleProblem, found: _Found, limits: Limits, report: Report, *, now: Callable[[], float]
) -> _Found:
    """Neighbourhoods drawn by lot from the seed, one after the other, while time is left."""
    dice = np.random.default_rng(limits.seed)
    plan, best = dict(found.plan), objective_of(problem, found.plan)
    ends_at, spent = now() + limits.time_limit_s * (1 - BOUND_SHARE), 0.0
    while now() < ends_at and (limits.deterministic is None or spent < limits.deterministic):
        part = part_of(problem, plan, neighbours_of(problem, dice))
        built = ScheduleModel.of(part)
        freed = {job.id for job in part.jobs}
        built.hint({name: place for name, place in plan.items() if name in freed})
        solver = _solver(replace(limits, time_limit_s=max(0.1, ends_at - now()), deterministic=PART_WORK, strategies=1))
        if STATUS.get(solver.solve(built.model)) not in {"optimal", "feasible"}:
            continue
        spent += float(solver.response_proto.deterministic_time)
        other = {name: place for name, place in plan.items() if name not in freed} | built.plan(solver)
        worth = objective_of(problem, other)
        if worth >= best:
            if worth > best:
                report(Incumbent(other, worth, found.bound))
            plan, best = other, worth
    return _Found(found.status, plan, found.bound)


def _answer(problem: ScheduleProblem, found: _Found, limits: Limits, *, first_objective: int | None) -> Schedule:
    status, plan = found.status, found.plan
    has_plan = status in {"optimal", "feasible"}
    objective = objective_of(problem, plan) if has_plan else None
    if has_plan and (faults := faults_of(problem, plan)):
        raise ScheduleBroken(f"The plan is broken: {faults[:5]}")
    return Schedule(
        status=status,
        plan=plan if has_plan else {},
        objective=objective,
        bound=found.bound,
        gap=_gap(objective, found.bound),
        first_objective=first_objective,
        solver=VERSION,
        limits=limits,
        digest=digest_of_schedule(
            problem, seed=limits.seed, time_limit_s=limits.time_limit_s, deterministic=limits.deterministic
        ),
    )


def _solver(limits: Limits) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.random_seed = limits.seed
    parameters.max_time_in_seconds = limits.time_limit_s
    # Strategies that take turns on one thread: large neighbourhoods among them, and equal runs stay equal.
    parameters.num_workers = limits.strategies
    parameters.interleave_search = True
    parameters.linearization_level = 2
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    if limits.deterministic is not None:
        parameters.max_deterministic_time = limits.deterministic
    return solver


def _bound(problem: ScheduleProblem, solver: cp_model.CpSolver) -> int:
    proved = solver.best_objective_bound
    if problem.goal == "makespan":
        return ceil(proved - 1e-6)
    # Stopped before its first look at the whole, the solver says 0: then everything alone, at once, is the bound.
    return floor(proved + 1e-6) if proved else loosest_bound(problem)


def _kept_near(problem: ScheduleProblem, plan: dict[str, Placement], limits: Limits) -> dict[str, Placement]:
    """Among the plans of equal worth one that moves least of what stood in the former plan."""
    former = {job.id: job.former_start for job in problem.jobs if job.former_start is not None}
    if not former or problem.goal == "makespan":
        return plan
    built = ScheduleModel.of(problem)
    built.keep_near(former, worth=objective_of(problem, plan))
    built.hint(plan)
    solver = _solver(limits)
    return built.plan(solver) if solver.solve(built.model) in {cp_model.OPTIMAL, cp_model.FEASIBLE} else plan


def _gap(objective: int | None, bound: int | None) -> float | None:
    if objective is None or bound is None:
        return None
    return abs(bound - objective) / abs(bound) if bound else float(objective != bound)


class _Listener(cp_model.CpSolverSolutionCallback):
    """Hands every better plan on as it is found."""

    def __init__(self, built: ScheduleModel, report: Report) -> None:
        super().__init__()
        self._built, self._report = built, report

    def on_solution_callback(self) -> None:
        self._report(Incumbent(self._built.plan(self), round(self.objective_value), round(self.best_objective_bound)))
