"""Searches the whole problem with CP-SAT, which also proves. Child process only."""

from importlib.metadata import version
from math import ceil, floor
from typing import Any

from ortools.sat.python import cp_model

from services.roadmap.domain.scheduling.answer import Found, Incumbent, Limits, Report, Status, is_better
from services.roadmap.domain.scheduling.model import ScheduleModel
from services.roadmap.domain.scheduling.problem import (
    Placement,
    ScheduleProblem,
    loosest_bound,
    objective_of,
)

VERSION = f"CP-SAT {version('ortools')}"
STATUS: dict[Any, Status] = {
    cp_model.OPTIMAL: "optimal",
    cp_model.FEASIBLE: "feasible",
    cp_model.INFEASIBLE: "infeasible",
}


def search(problem: ScheduleProblem, first: dict[str, Placement], limits: Limits, report: Report) -> Found:
    """The whole problem, from a first plan if there is one."""
    built = ScheduleModel.of(problem)
    if first:
        built.hint(first)
    solver = solver_within(limits)
    status = STATUS.get(solver.solve(built.model, _Listener(built, first, report)), "unknown")
    if status == "infeasible":
        return Found(status, {}, None)
    plan = built.plan(solver) if status != "unknown" else first
    if first and not is_better(problem, plan, first):
        plan = first
    return Found("feasible" if plan and status == "unknown" else status, plan, _bound(problem, solver))


def kept_near(problem: ScheduleProblem, plan: dict[str, Placement], limits: Limits) -> dict[str, Placement]:
    """Among the plans of equal worth one that moves least of what stood in the former plan."""
    former = {job.id: job.former_start for job in problem.jobs if job.former_start is not None}
    if not former or problem.goal == "makespan":
        return plan
    built = ScheduleModel.of(problem)
    built.keep_near(former, worth=objective_of(problem, plan))
    built.hint(plan)
    solver = solver_within(limits)
    return built.plan(solver) if solver.solve(built.model) in {cp_model.OPTIMAL, cp_model.FEASIBLE} else plan


def solver_within(limits: Limits) -> cp_model.CpSolver:
    """CP-SAT as it does best with schedules."""
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.random_seed = limits.seed
    parameters.max_time_in_seconds = limits.time_limit_s
    # Strategies that advance in turns of equal work, large neighbourhoods among them: equal runs stay equal.
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


class _Listener(cp_model.CpSolverSolutionCallback):
    """Hands every plan that is better than the first on as it is found."""

    def __init__(self, built: ScheduleModel, first: dict[str, Placement], report: Report) -> None:
        super().__init__()
        self._built, self._first, self._report = built, first, report

    def on_solution_callback(self) -> None:
        plan = self._built.plan(self)
        if is_better(self._built.problem, plan, self._first):
            self._report(Incumbent(plan, round(self.objective_value), round(self.best_objective_bound)))
