"""HTTP for visions."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.visions.schemas import RevisionRead, VisionCreate, VisionRead, VisionUpdate
from services.roadmap.visions.service import VisionService

NO_PAPERWORK = {
    "product_id": "01983a7c-6d2e-7b94-a1f0-8c4e5d3b2a19",
    "statement": "Firms of one to twenty people do no paperwork: what they are owed arrives by itself.",
    "target_market": "Firms of one to twenty people that send invoices.",
    "need_ids": ["01983a7c-77aa-7c10-8b1e-3f5d2a9c6e41"],
    "business_goals": ["Half of all new accounts pay within three months"],
}

router = Router(prefix="/v1/visions", tags=["Strategy"])
Visions = Annotated[VisionService, Depends(VisionService)]


@router.post(scope="roadmap:write", example=NO_PAPERWORK)
async def create_vision(new: VisionCreate, visions: Visions) -> Created[VisionRead]:
    """Write a vision.

    For a product or for the whole company: what should become true, for which market, which needs it answers, what sets
    it apart and what the company gains by it.
    """
    return created(await visions.create(new))


@router.get(scope="roadmap:read")
async def list_visions(
    visions: Visions,
    page: Paging,
    *,
    product_id: Annotated[UUID | None, Query(description="Only visions for this product.")] = None,
    need_id: Annotated[UUID | None, Query(description="Only visions that answer this need.")] = None,
) -> Page[VisionRead]:
    """List visions as they are now, newest first."""
    return await visions.search(page, product_id=product_id, linked={"need_id": need_id})


@router.get("/{vision_id}", scope="roadmap:read")
async def get_vision(vision_id: UUID, visions: Visions) -> VisionRead:
    """Read a vision as it is now."""
    return VisionRead.model_validate(await visions.get(vision_id))


@router.patch(
    "/{vision_id}",
    scope="roadmap:write",
    example={"target_market": "Firms of one to fifty people.", "reason": "Larger firms came by themselves."},
)
async def update_vision(vision_id: UUID, change: VisionUpdate, visions: Visions, if_match: IfMatch) -> VisionRead:
    """Write a vision anew.

    Say why; the former wording stays readable among its revisions.
    """
    return VisionRead.model_validate(await visions.update(vision_id, change, if_match=if_match))


@router.delete("/{vision_id}", scope="roadmap:write")
async def delete_vision(vision_id: UUID, visions: Visions, if_match: IfMatch) -> None:
    """Remove a vision with its revisions."""
    await visions.delete(vision_id, if_match=if_match)


@router.get("/{vision_id}/revisions", scope="roadmap:read")
async def list_revisions(vision_id: UUID, visions: Visions, page: Paging) -> Page[RevisionRead]:
    """List every version of a vision, latest first: what it said, who wrote it, when and why."""
    return await visions.search_revisions(vision_id, page)
