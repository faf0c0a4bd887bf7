"""HTTP for briefs."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.routing import Router
from services.roadmap.briefs.schemas import BriefRead
from services.roadmap.briefs.service import BriefService

router = Router(prefix="/v1/teams/{team_id}/brief", tags=["Coordination"])
Briefs = Annotated[BriefService, Depends(BriefService)]


@router.get(scope="roadmap:read")
async def get_brief(team_id: UUID, briefs: Briefs) -> BriefRead:
    """Read what a team owes, to whom and by when, and what it waits for.

    Its open commitments, hand-offs and work packages of releases, and the features on roadmaps that it works on; a
    feature is owed to the teams whose features need it.
    """
    return await briefs.brief(team_id)
