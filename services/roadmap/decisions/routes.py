"""HTTP for decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.decisions.schemas import DecisionCreate, DecisionRead
from services.roadmap.decisions.service import DecisionService

RETIRE_THE_WIZARD = {
    "title": "Retire the set-up wizard",
    "rationale": "Activation fell by 3 points after it shipped, and most of those who left did so on its second page.",
    "cites": [{"kind": "outcome", "id": "01983a7c-b2d4-7f60-8c1e-5a7b9d3f1e24"}],
    "alternatives": [{"title": "Shorten it to one page", "why_not": "Tried in June, without effect."}],
}

router = Router(prefix="/v1/decisions", tags=["Strategy"])
Decisions = Annotated[DecisionService, Depends(DecisionService)]


@router.post(scope="roadmap:write", example=RETIRE_THE_WIZARD)
async def create_decision(new: DecisionCreate, decisions: Decisions) -> Created[DecisionRead]:
    """Record a decision.

    Say what was decided and why, and cite the outcomes, requirements, needs and plans that it rests on, or the
    alternatives that were considered: a decision that rests on nothing is refused. To cite an insight, cite its
    evidence: the KPI, target or outcome that it names. A change to a roadmap can then name it instead of
    a reason. Decisions are not edited: one that no longer holds is superseded by another.
    """
    return created(await decisions.record(new))


@router.get(scope="roadmap:read")
async def list_decisions(
    decisions: Decisions,
    page: Paging,
    cites: Annotated[UUID | None, Query(description="Only decisions that rest on this.")] = None,
) -> Page[DecisionRead]:
    """List decisions, last recorded first."""
    return await decisions.search(page, cites=cites)


@router.get("/{decision_id}", scope="roadmap:read")
async def get_decision(decision_id: UUID, decisions: Decisions) -> DecisionRead:
    """Read a decision, what it rests on, and whether another one has superseded it."""
    return DecisionRead.model_validate(await decisions.get(decision_id))
