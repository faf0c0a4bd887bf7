"""HTTP for milestones."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.milestones.schemas import MilestoneCreate, MilestoneRead, MilestoneUpdate
from services.roadmap.milestones.service import MilestoneService

BETA = {
    "title": "The beta group has worked with it for two weeks",
    "due_on": "2027-04-01",
}

router = Router(prefix="/v1/milestones", tags=["Releases"])
Milestones = Annotated[MilestoneService, Depends(MilestoneService)]


@router.post(scope="roadmap:write", example=BETA)
async def create_milestone(new: MilestoneCreate, milestones: Milestones) -> Created[MilestoneRead]:
    """Set a milestone: a day by which something must be so.

    Where it belongs to a release, the launch waits for it.
    """
    return created(await milestones.create(new))


@router.get(scope="roadmap:read")
async def list_milestones(
    milestones: Milestones,
    page: Paging,
    *,
    release_id: Annotated[UUID | None, Query(description="Only milestones of this release.")] = None,
    is_reached: Annotated[bool | None, Query(description="Only those that were reached, or were not yet.")] = None,
) -> Page[MilestoneRead]:
    """List milestones, newest first."""
    return await milestones.search(page, release_id=release_id, is_reached=is_reached)


@router.get("/{milestone_id}", scope="roadmap:read")
async def get_milestone(milestone_id: UUID, milestones: Milestones) -> MilestoneRead:
    """Read a milestone."""
    return MilestoneRead.model_validate(await milestones.get(milestone_id))


@router.patch("/{milestone_id}", scope="roadmap:write", example={"due_on": "2027-04-08"})
async def update_milestone(
    milestone_id: UUID, change: MilestoneUpdate, milestones: Milestones, if_match: IfMatch
) -> MilestoneRead:
    """Change a milestone, or say on which day it was reached."""
    return MilestoneRead.model_validate(await milestones.update(milestone_id, change, if_match=if_match))


@router.delete("/{milestone_id}", scope="roadmap:write")
async def delete_milestone(milestone_id: UUID, milestones: Milestones, if_match: IfMatch) -> None:
    """Remove a milestone."""
    await milestones.delete(milestone_id, if_match=if_match)
