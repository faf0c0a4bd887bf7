"""HTTP for differentiators."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.differentiators.schemas import DifferentiatorCreate, DifferentiatorRead, DifferentiatorUpdate
from services.roadmap.differentiators.service import DifferentiatorService

BY_ITSELF = {
    "title": "Money comes in without anybody having to ask",
    "need_ids": ["01983a7c-77aa-7c10-8b1e-3f5d2a9c6e41"],
    "feature_ids": ["01983a7c-4c1f-7a52-b5c7-9d0e6f3a2b18"],
    "objective_ids": ["01983a7c-3ac4-7f0b-9e21-7c6b5a4d3e2f"],
}

router = Router(prefix="/v1/differentiators", tags=["Strategy"])
Differentiators = Annotated[DifferentiatorService, Depends(DifferentiatorService)]


@router.post(scope="roadmap:write", example=BY_ITSELF)
async def create_differentiator(
    new: DifferentiatorCreate, differentiators: Differentiators
) -> Created[DifferentiatorRead]:
    """Say what sets you apart.

    Why people with a need should choose you, which features make that true, and which objectives it serves.
    """
    return created(await differentiators.create(new))


@router.get(scope="roadmap:read")
async def list_differentiators(
    differentiators: Differentiators,
    page: Paging,
    *,
    need_id: Annotated[UUID | None, Query(description="Only those that answer this need.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only those that this feature makes true.")] = None,
    objective_id: Annotated[UUID | None, Query(description="Only those that serve this objective.")] = None,
) -> Page[DifferentiatorRead]:
    """List differentiators, newest first."""
    linked = {"need_id": need_id, "feature_id": feature_id, "objective_id": objective_id}
    return await differentiators.search(page, linked=linked)


@router.get("/{differentiator_id}", scope="roadmap:read")
async def get_differentiator(differentiator_id: UUID, differentiators: Differentiators) -> DifferentiatorRead:
    """Read a differentiator."""
    return DifferentiatorRead.model_validate(await differentiators.get(differentiator_id))


@router.patch("/{differentiator_id}", scope="roadmap:write", example={"title": "Money comes in by itself"})
async def update_differentiator(
    differentiator_id: UUID, change: DifferentiatorUpdate, differentiators: Differentiators, if_match: IfMatch
) -> DifferentiatorRead:
    """Change a differentiator."""
    return DifferentiatorRead.model_validate(await differentiators.update(differentiator_id, change, if_match=if_match))


@router.delete("/{differentiator_id}", scope="roadmap:write")
async def delete_differentiator(differentiator_id: UUID, differentiators: Differentiators, if_match: IfMatch) -> None:
    """Remove a differentiator.

    Refused with 409 while a vision names it.
    """
    await differentiators.delete(differentiator_id, if_match=if_match)
