"""HTTP for check-ins."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.check_ins.schemas import CheckInCreate, CheckInRead
from services.roadmap.check_ins.service import CheckInService
from services.roadmap.domain.commitments import Health

HALFWAY = {
    "team_id": "01983a7c-6a30-7d76-9cae-7f9b1d3e5a80",
    "health": "on_track",
    "confidence": 0.8,
    "note": "Half of it is in review; nothing stands in the way.",
}

router = Router(prefix="/v1/check-ins", tags=["Coordination"])
CheckIns = Annotated[CheckInService, Depends(CheckInService)]


@router.post(scope="roadmap:write", example=HALFWAY)
async def create_check_in(new: CheckInCreate, check_ins: CheckIns) -> Created[CheckInRead]:
    """Say how it goes.

    About a commitment it answers that as well: at risk or off track flags a risk with your note as its reason, on
    track accepts it. A check-in is never altered: say how it goes another day with another one.
    """
    return created(await check_ins.create(new))


@router.get(scope="roadmap:read")
async def list_check_ins(
    check_ins: CheckIns,
    page: Paging,
    *,
    team_id: Annotated[UUID | None, Query(description="Only check-ins of this team.")] = None,
    commitment_id: Annotated[UUID | None, Query(description="Only check-ins about this commitment.")] = None,
    health: Annotated[Health | None, Query(description="Only check-ins that say so.")] = None,
) -> Page[CheckInRead]:
    """List check-ins, latest first."""
    return await check_ins.search(page, team_id=team_id, commitment_id=commitment_id, health=health)


@router.get("/{check_in_id}", scope="roadmap:read")
async def get_check_in(check_in_id: UUID, check_ins: CheckIns) -> CheckInRead:
    """Read a check-in."""
    return CheckInRead.model_validate(await check_ins.get(check_in_id))
