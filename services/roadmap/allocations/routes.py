"""HTTP for allocations."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.allocations.schemas import AllocationCreate, AllocationRead, AllocationUpdate
from services.roadmap.allocations.service import AllocationService

UPKEEP = {
    "team_id": "01983a7c-6a30-7d76-9cae-7f9b1d3e5a80",
    "skill": "backend",
    "people": 0.5,
    "starts_on": "2027-01-04",
    "ends_on": "2027-03-26",
    "title": "Upkeep and questions from support",
}

router = Router(prefix="/v1/allocations", tags=["Teams"])
Allocations = Annotated[AllocationService, Depends(AllocationService)]


@router.post(scope="roadmap:write", example=UPKEEP)
async def create_allocation(new: AllocationCreate, allocations: Allocations) -> Created[AllocationRead]:
    """Book people of a team for a while.

    For a feature, or for what no roadmap shows; then schedules and forecasts do without them. More may be booked than
    there is: `/v1/workload` shows where.
    """
    return created(await allocations.create(new))


@router.get(scope="roadmap:read")
async def list_allocations(
    allocations: Allocations,
    page: Paging,
    *,
    team_id: Annotated[UUID | None, Query(description="Only people of this team.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only people booked for this feature.")] = None,
) -> Page[AllocationRead]:
    """List who is booked for what, last booked first."""
    return await allocations.search(page, team_id=team_id, feature_id=feature_id)


@router.get("/{allocation_id}", scope="roadmap:read")
async def get_allocation(allocation_id: UUID, allocations: Allocations) -> AllocationRead:
    """Read an allocation."""
    return AllocationRead.model_validate(await allocations.get(allocation_id))


@router.patch("/{allocation_id}", scope="roadmap:write", example={"people": 1})
async def update_allocation(
    allocation_id: UUID, change: AllocationUpdate, allocations: Allocations, if_match: IfMatch
) -> AllocationRead:
    """Change how many are booked, or for how long."""
    return AllocationRead.model_validate(await allocations.update(allocation_id, change, if_match=if_match))


@router.delete("/{allocation_id}", scope="roadmap:write")
async def delete_allocation(allocation_id: UUID, allocations: Allocations, if_match: IfMatch) -> None:
    """Let the people go."""
    await allocations.delete(allocation_id, if_match=if_match)
