"""HTTP for initiatives."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.initiatives.schemas import (
    InitiativeCreate,
    InitiativeRead,
    InitiativeStatus,
    InitiativeUpdate,
)
from services.roadmap.initiatives.service import InitiativeService

FIRST_WEEK = {
    "title": "The first week",
    "status": "active",
    "objective_ids": ["01983a7c-3ac4-7f0b-9e21-7c6b5a4d3e2f"],
    "feature_ids": ["01983a7c-4c1f-7a52-b5c7-9d0e6f3a2b18"],
}

router = Router(prefix="/v1/initiatives", tags=["Strategy"])
Initiatives = Annotated[InitiativeService, Depends(InitiativeService)]


@router.post(scope="roadmap:write", example=FIRST_WEEK)
async def create_initiative(new: InitiativeCreate, initiatives: Initiatives) -> Created[InitiativeRead]:
    """Open an initiative.

    Name the objectives that it should move and the features that carry it out.
    """
    return created(await initiatives.create(new))


@router.get(scope="roadmap:read")
async def list_initiatives(
    initiatives: Initiatives,
    page: Paging,
    *,
    status: Annotated[InitiativeStatus | None, Query(description="Only initiatives in this state.")] = None,
    product_id: Annotated[UUID | None, Query(description="Only initiatives for this product.")] = None,
    objective_id: Annotated[UUID | None, Query(description="Only those that should move this objective.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only those that this feature carries out.")] = None,
) -> Page[InitiativeRead]:
    """List initiatives, newest first."""
    linked = {"objective_id": objective_id, "feature_id": feature_id}
    return await initiatives.search(page, status=status, product_id=product_id, linked=linked)


@router.get("/{initiative_id}", scope="roadmap:read")
async def get_initiative(initiative_id: UUID, initiatives: Initiatives) -> InitiativeRead:
    """Read an initiative."""
    return InitiativeRead.model_validate(await initiatives.get(initiative_id))


@router.patch("/{initiative_id}", scope="roadmap:write", example={"status": "done"})
async def update_initiative(
    initiative_id: UUID, change: InitiativeUpdate, initiatives: Initiatives, if_match: IfMatch
) -> InitiativeRead:
    """Change an initiative."""
    return InitiativeRead.model_validate(await initiatives.update(initiative_id, change, if_match=if_match))


@router.delete("/{initiative_id}", scope="roadmap:write")
async def delete_initiative(initiative_id: UUID, initiatives: Initiatives, if_match: IfMatch) -> None:
    """Remove an initiative; its features stay.

    Refused with 409 while a budget line pays for it.
    """
    await initiatives.delete(initiative_id, if_match=if_match)
