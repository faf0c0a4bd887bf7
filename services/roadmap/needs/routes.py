"""HTTP for needs and pain points."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.needs.schemas import (
    NeedCreate,
    NeedGrounds,
    NeedKind,
    NeedRead,
    NeedUpdate,
    PainPointCreate,
    PainPointRead,
    PainPointUpdate,
)
from services.roadmap.needs.service import NeedService, PainPointService

PAID_ON_TIME = {
    "title": "Be paid on time without having to ask for it",
    "importance": 9,
    "satisfaction": 3,
    "theme_ids": ["01983a7c-0b6a-7d52-9a40-2b7c8e1d4f60"],
    "revenue": {"amount_minor": 4_800_000, "currency": "EUR"},
}
CHASING = {
    "need_id": "01983a7c-77aa-7c10-8b1e-3f5d2a9c6e41",
    "title": "Chasing late payers takes half a day each month",
    "severity": 4,
    "frequency": "monthly",
    "requirement_ids": ["01983a7c-1f3e-7b1d-8a44-6f1f0f4f9b11"],
}

router = Router(prefix="/v1/needs", tags=["Strategy"])
pain_points = Router(prefix="/v1/pain-points", tags=["Strategy"])
Needs = Annotated[NeedService, Depends(NeedService)]
PainPoints = Annotated[PainPointService, Depends(PainPointService)]


@router.post(scope="roadmap:write", example=PAID_ON_TIME)
async def create_need(new: NeedCreate, needs: Needs) -> Created[NeedRead]:
    """Write down a need.

    What people want to get done, who they are, how much it matters to them and how well they get it done today. Cite
    the themes of customers' words and the companies that show it, and the revenue behind it. Themes and companies are
    looked up as you ask; one that does not exist is answered with 422.
    """
    return created(await needs.create(new))


@router.get(scope="roadmap:read")
async def list_needs(
    needs: Needs,
    page: Paging,
    *,
    kind: Annotated[NeedKind | None, Query(description="Only needs of this kind.")] = None,
    persona_id: Annotated[UUID | None, Query(description="Only needs of this persona.")] = None,
    market_segment_id: Annotated[UUID | None, Query(description="Only needs found in this segment.")] = None,
    theme_id: Annotated[UUID | None, Query(description="Only needs that cite this theme.")] = None,
) -> Page[NeedRead]:
    """List needs, newest first."""
    linked = {"persona_id": persona_id, "market_segment_id": market_segment_id, "theme_id": theme_id}
    return await needs.search(page, kind=kind, linked=linked)


@router.get("/{need_id}", scope="roadmap:read")
async def get_need(need_id: UUID, needs: Needs) -> NeedRead:
    """Read a need."""
    return NeedRead.model_validate(await needs.get(need_id))


@router.get("/{need_id}/grounds", scope="roadmap:read")
async def get_need_grounds(need_id: UUID, needs: Needs) -> NeedGrounds:
    """Read what a need rests on.

    The themes that it and its pain points cite, as requirements tells of them now, with how many customers said so and
    one of them in their words; the segments with their sizes and where these come from; the companies and what they pay
    today. Themes need the scope `requirements:read`, what companies pay `feedback:read`. While requirements is down,
    the themes are told without words as the roadmap last heard of them, and `themes_as_of` says when that was.
    """
    return await needs.grounds(need_id)


@router.patch("/{need_id}", scope="roadmap:write", example={"satisfaction": 5})
async def update_need(need_id: UUID, change: NeedUpdate, needs: Needs, if_match: IfMatch) -> NeedRead:
    """Change a need."""
    return NeedRead.model_validate(await needs.update(need_id, change, if_match=if_match))


@router.delete("/{need_id}", scope="roadmap:write")
async def delete_need(need_id: UUID, needs: Needs, if_match: IfMatch) -> None:
    """Remove a need.

    Refused with 409 while a pain point belongs to it, or a differentiator or a vision names it.
    """
    await needs.delete(need_id, if_match=if_match)


@pain_points.post(scope="roadmap:write", example=CHASING)
async def create_pain_point(new: PainPointCreate, pain_points: PainPoints) -> Created[PainPointRead]:
    """Write down a pain point.

    Where a need goes unmet today, how much that hurts and how often. Name the requirements that would end it: through
    them the need is answered by features.
    """
    return created(await pain_points.create(new))


@pain_points.get(scope="roadmap:read")
async def list_pain_points(
    pain_points: PainPoints,
    page: Paging,
    *,
    need_id: Annotated[UUID | None, Query(description="Only pain points of this need.")] = None,
    requirement_id: Annotated[UUID | None, Query(description="Only those that this requirement would end.")] = None,
    theme_id: Annotated[UUID | None, Query(description="Only those that cite this theme.")] = None,
) -> Page[PainPointRead]:
    """List pain points, newest first."""
    linked = {"requirement_id": requirement_id, "theme_id": theme_id}
    return await pain_points.search(page, need_id=need_id, linked=linked)


@pain_points.get("/{pain_point_id}", scope="roadmap:read")
async def get_pain_point(pain_point_id: UUID, pain_points: PainPoints) -> PainPointRead:
    """Read a pain point."""
    return PainPointRead.model_validate(await pain_points.get(pain_point_id))


@pain_points.patch("/{pain_point_id}", scope="roadmap:write", example={"severity": 5})
async def update_pain_point(
    pain_point_id: UUID, change: PainPointUpdate, pain_points: PainPoints, if_match: IfMatch
) -> PainPointRead:
    """Change a pain point."""
    return PainPointRead.model_validate(await pain_points.update(pain_point_id, change, if_match=if_match))


@pain_points.delete("/{pain_point_id}", scope="roadmap:write")
async def delete_pain_point(pain_point_id: UUID, pain_points: PainPoints, if_match: IfMatch) -> None:
    """Remove a pain point."""
    await pain_points.delete(pain_point_id, if_match=if_match)
