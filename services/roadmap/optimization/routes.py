"""HTTP for optimisations."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Accepted, accepted
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.optimization.schemas import (
    AdoptedChanges,
    AdoptionCreate,
    IncumbentList,
    OptimizationCreate,
    OptimizationRead,
    OptimizationStarted,
)
from services.roadmap.optimization.service import OptimizationService

QUARTER = {
    "kind": "select",
    "roadmap_id": "01983a7c-9c10-7a52-8f3e-2d4b6c8e0f12",
    "budgets": {"effort_days": 60, "cost": {"amount_minor": 4_800_000, "currency": "EUR"}},
}

router = Router(prefix="/v1/optimizations", tags=["Optimisation"])
Optimizations = Annotated[OptimizationService, Depends(OptimizationService)]


@router.post(scope="roadmap:write", example=QUARTER)
async def create_optimization(new: OptimizationCreate, optimizations: Optimizations) -> Accepted[OptimizationStarted]:
    """Ask what to build.

    Chooses the most valuable features that fit the budgets, with all that they need, exactly: the proposal says what
    it is worth and that nothing is worth more. It weighs the features as they are now; what is pinned on the roadmap
    is chosen in any case. With kind `schedule` it also says when and by which team, from the work packages of the
    features and the capacity of the teams; what was planned before stays near where it was. Follow the operation, then
    read the proposal at `/v1/optimizations/{optimization_id}`.
    """
    started = await optimizations.start(new)
    return accepted(started, operation_id=started.id)


@router.get(scope="roadmap:read")
async def list_optimizations(
    optimizations: Optimizations,
    page: Paging,
    roadmap_id: Annotated[UUID | None, Query(description="Only those asked for this roadmap.")] = None,
) -> Page[OptimizationRead]:
    """List optimisations, last asked first."""
    return await optimizations.search(page, roadmap_id=roadmap_id)


@router.get("/{optimization_id}", scope="roadmap:read")
async def get_optimization(optimization_id: UUID, optimizations: Optimizations) -> OptimizationRead:
    """Read an optimisation and its proposal.

    The proposal never changes: it names what was chosen, its value and bound, and for each feature left out why, and
    what would change that. When nothing fits, it names the rules that cannot hold together.
    """
    return await optimizations.get(optimization_id)


@router.get("/{optimization_id}/incumbents", scope="roadmap:read")
async def list_incumbents(optimization_id: UUID, optimizations: Optimizations) -> IncumbentList:
    """See the schedules found on the way.

    The first is there almost at once, each next one is better, and none is lost when the search is cancelled or its
    process dies. At most one a second is kept.
    """
    return await optimizations.incumbents(optimization_id)


@router.post(
    "/{optimization_id}/adopt",
    scope="roadmap:write",
    status=200,
    example={"reason": "Agreed in the quarterly planning of 12 January."},
)
async def adopt_optimization(
    optimization_id: UUID, new: AdoptionCreate, optimizations: Optimizations
) -> AdoptedChanges:
    """Adopt a proposal.

    Puts the chosen features on the living roadmap as `next`, with their dates if it is a schedule; unpinned items that
    were considered and left out go to `later`, unless you say otherwise. What is pinned stays as it is, and every
    change is recorded with your reason or decision.
    """
    return await optimizations.adopt(optimization_id, new)
