"""Whether a plan still holds: the same question asked of today's features, and the plan checked against it."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from services.chassis.errors import Problem
from services.chassis.unit_of_work import Work
from services.roadmap.domain.scheduling.checker import faults_of
from services.roadmap.domain.scheduling.problem import SCALE, objective_of
from services.roadmap.domain.selection.checker import broken_rules
from services.roadmap.domain.selection.problem import Rule, SelectionProblem
from services.roadmap.inquiries.schemas import BrokenRule, ValidationRead
from services.roadmap.inquiries.service import planned
from services.roadmap.models import Proposal
from services.roadmap.optimization.record import read_problem
from services.roadmap.optimization.schedule_rows import plan_of
from services.roadmap.optimization.schemas import OptimizationCreate
from services.roadmap.optimization.service import OptimizationService
from services.roadmap.optimization.units import UNITS, VALUE_UNITS


class ValidationService:
    """Checks plans, independently of the solver that made them."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def validate(self, optimization_id: UUID) -> ValidationRead:
        """Raises NothingToAskOf without a plan."""
        optimization, proposal = await planned(self.work, optimization_id)
        then = {"checked_at": self.work.clock.now(), "objective_then": proposal.answer["objective"]}
        request = OptimizationCreate.model_validate(optimization.request)
        try:
            question = await OptimizationService(self.work).question(request)
        except Problem as refused:
            # What it asked for is gone, or contradicts itself today: that is the answer, not the caller's fault.
            broken = [BrokenRule(kind="question", subjects=[], over_by=None, detail=_said(refused))]
            return ValidationRead(is_valid=False, is_unchanged=False, objective_now=None, broken=broken, **then)
        check = _selection_now if optimization.kind == "select" else _schedule_now
        worth, broken = check(question.kept, proposal)
        return ValidationRead(
            is_valid=not broken,
            is_unchanged=question.digest == optimization.digest,
            objective_now=worth,
            broken=broken,
            **then,
        )


def _selection_now(kept: dict[str, Any], proposal: Proposal) -> tuple[float, list[BrokenRule]]:
    problem = msgspec.convert(kept, SelectionProblem)
    known = {candidate.id for candidate in problem.candidates}
    chosen = known & set(proposal.answer["chosen"])
    used = problem.use_of(chosen)
    over = {budget.name: (used[budget.name] - budget.limit) / UNITS[budget.name] for budget in problem.budgets}
    broken = [_broken(rule, over) for rule in broken_rules(problem, chosen)]
    return problem.value_of(chosen) / VALUE_UNITS, broken


def _broken(rule: Rule, over: dict[str, float]) -> BrokenRule:
    by = over[rule.subjects[0]] if rule.kind == "budget" else None
    detail = f"{rule.kind.replace('_', ' ')}: {', '.join(rule.subjects)}"
    return BrokenRule(kind=rule.kind, subjects=list(rule.subjects), over_by=by, detail=detail)


def _schedule_now(kept: dict[str, Any], proposal: Proposal) -> tuple[float, list[BrokenRule]]:
    problem, first = read_problem(kept["problem"]), date.fromisoformat(kept["first"])
    rows = proposal.answer["schedule"]
    plan = plan_of(problem, rows, first)
    open_jobs = {job.id for job in problem.jobs} | kept["unfit"].keys()
    undone = sorted({row["feature_id"] for row in rows} & open_jobs - plan.keys())
    broken = [
        BrokenRule(kind="work", subjects=[name], over_by=None, detail=f"{name} can no longer be done by these teams")
        for name in undone
    ]
    broken += [
        BrokenRule(kind="schedule", subjects=[], over_by=None, detail=fault) for fault in faults_of(problem, plan)
    ]
    return objective_of(problem, plan) / (SCALE * VALUE_UNITS), broken


def _said(problem: Problem) -> str:
    return " ".join(each.detail for each in problem.errors) or str(problem)
