"""HTTP for roadmaps."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch, IfMatchIfSent
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.roadmaps.ledger import Grounds
from services.roadmap.roadmaps.schemas import (
    ChangeRead,
    Horizon,
    ItemPut,
    ItemRead,
    Reason,
    RoadmapCreate,
    RoadmapRead,
    RoadmapUpdate,
)
from services.roadmap.roadmaps.service import RoadmapService

router = Router(prefix="/v1/roadmaps", tags=["Roadmaps"])
Roadmaps = Annotated[RoadmapService, Depends(RoadmapService)]
PLACED = {
    "horizon": "now",
    "starts_on": "2027-01-11",
    "ends_on": "2027-01-29",
    "is_pinned": True,
    "reason": "Promised to the design partners for January.",
}


@router.post(scope="roadmap:write", example={"name": "Product 2027", "starts_on": "2027-01-01"})
async def create_roadmap(new: RoadmapCreate, roadmaps: Roadmaps) -> Created[RoadmapRead]:
    """Open a roadmap.

    It lives: people place features on it by hand, optimisations propose, and nothing changes without a reason.
    """
    return created(await roadmaps.create(new))


@router.get(scope="roadmap:read")
async def list_roadmaps(roadmaps: Roadmaps, page: Paging) -> Page[RoadmapRead]:
    """List roadmaps, newest first."""
    return await roadmaps.search(page)


@router.get("/{roadmap_id}", scope="roadmap:read")
async def get_roadmap(roadmap_id: UUID, roadmaps: Roadmaps) -> RoadmapRead:
    """Read a roadmap; its ETag changes with every item on it."""
    return RoadmapRead.model_validate(await roadmaps.get(roadmap_id))


@router.patch("/{roadmap_id}", scope="roadmap:write", example={"ends_on": "2027-12-31"})
async def update_roadmap(roadmap_id: UUID, change: RoadmapUpdate, roadmaps: Roadmaps, if_match: IfMatch) -> RoadmapRead:
    """Change a roadmap's name, words or period."""
    return RoadmapRead.model_validate(await roadmaps.update(roadmap_id, change, if_match=if_match))


@router.delete("/{roadmap_id}", scope="roadmap:write")
async def delete_roadmap(roadmap_id: UUID, roadmaps: Roadmaps, if_match: IfMatch) -> None:
    """Remove a roadmap with its items and the record of its changes; the features stay."""
    await roadmaps.delete(roadmap_id, if_match=if_match)


@router.get("/{roadmap_id}/items", scope="roadmap:read")
async def list_items(
    roadmap_id: UUID,
    roadmaps: Roadmaps,
    page: Paging,
    horizon: Annotated[Horizon | None, Query(description="Only items of this horizon.")] = None,
) -> Page[ItemRead]:
    """List what stands on a roadmap, last placed first."""
    return await roadmaps.search_items(roadmap_id, page, horizon=horizon)


@router.get("/{roadmap_id}/items/{feature_id}", scope="roadmap:read")
async def get_item(roadmap_id: UUID, feature_id: UUID, roadmaps: Roadmaps) -> ItemRead:
    """Read a feature's place on a roadmap."""
    return ItemRead.model_validate(await roadmaps.get_item(roadmap_id, feature_id))


@router.put("/{roadmap_id}/items/{feature_id}", scope="roadmap:write", example=PLACED)
async def put_item(
    roadmap_id: UUID, feature_id: UUID, put: ItemPut, roadmaps: Roadmaps, if_match: IfMatchIfSent
) -> ItemRead:
    """Place a feature on a roadmap, or change its place.

    Say why, in words or by a decision: every change is kept with its reason. To change an item that is there already,
    send its ETag in If-Match; a new one needs none. A pinned item is left alone by every proposal that is adopted.
    """
    return ItemRead.model_validate(await roadmaps.put_item(roadmap_id, feature_id, put, if_match=if_match))


@router.delete("/{roadmap_id}/items/{feature_id}", scope="roadmap:write")
async def delete_item(
    roadmap_id: UUID,
    feature_id: UUID,
    roadmaps: Roadmaps,
    if_match: IfMatch,
    *,
    reason: Annotated[Reason | None, Query(description="Why, in your words; or name a decision.")] = None,
    decision_id: Annotated[UUID | None, Query(description="The decision that this carries out.")] = None,
) -> None:
    """Take a feature off a roadmap, and say why: in words, by a decision, or both."""
    grounds = Grounds(reason, decision_id)
    await roadmaps.remove_item(roadmap_id, feature_id, grounds=grounds, if_match=if_match)


@router.get("/{roadmap_id}/changes", scope="roadmap:read")
async def list_changes(roadmap_id: UUID, roadmaps: Roadmaps, page: Paging) -> Page[ChangeRead]:
    """List what changed on a roadmap, latest first: who did what, when and why."""
    return await roadmaps.search_changes(roadmap_id, page)
