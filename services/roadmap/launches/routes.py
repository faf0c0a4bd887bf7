"""HTTP for what blocks a release, and its launch."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.routing import Router
from services.roadmap.launches.schemas import LaunchCreate, ReadinessRead
from services.roadmap.launches.service import LaunchService
from services.roadmap.releases.schemas import ReleaseRead

router = Router(prefix="/v1/releases/{release_id}", tags=["Releases"])
Launches = Annotated[LaunchService, Depends(LaunchService)]


@router.get("/readiness", scope="roadmap:read")
async def get_readiness(release_id: UUID, launches: Launches) -> ReadinessRead:
    """See what still blocks a launch.

    Features that have not shipped, work packages that are not done, milestones that were not reached, commitments to it
    that were declined or are at risk: each with its day, and what it waits for itself; and how early the open work
    could be over.
    """
    return await launches.readiness(release_id)


@router.post(
    "/launch",
    scope="roadmap:write",
    status=200,
    example={"despite": "The campaign follows next week; customers wait for the fix."},
)
async def launch_release(release_id: UUID, asked: LaunchCreate, launches: Launches) -> ReleaseRead:
    """Let a release go out.

    Refused with 409 while something blocks it, naming what; say `despite` to go all the same, which is kept with it.
    """
    return ReleaseRead.model_validate(await launches.launch(release_id, asked))
