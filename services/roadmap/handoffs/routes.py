"""HTTP for hand-offs."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.domain.handoffs import HandoffStatus
from services.roadmap.handoffs.schemas import HandoffCreate, HandoffRead, HandoffStep, HandoffUpdate
from services.roadmap.handoffs.service import HandoffService

SCREENS = {
    "team_id": "01983a7c-6a30-7d76-9cae-7f9b1d3e5a80",
    "to_whom": "The agency that prints the guide",
    "title": "Screens of the export, with all their texts",
    "due_on": "2027-02-26",
}

router = Router(prefix="/v1/handoffs", tags=["Coordination"])
Handoffs = Annotated[HandoffService, Depends(HandoffService)]


@router.post(scope="roadmap:write", example=SCREENS)
async def create_handoff(new: HandoffCreate, handoffs: Handoffs) -> Created[HandoffRead]:
    """Plan a hand-off: what a team gives to another one, or to somebody outside, and on which day."""
    return created(await handoffs.create(new))


@router.get(scope="roadmap:read")
async def list_handoffs(
    handoffs: Handoffs,
    page: Paging,
    *,
    status: Annotated[HandoffStatus | None, Query(description="Only hand-offs in this state.")] = None,
    team_id: Annotated[UUID | None, Query(description="Only those from or to this team.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only those for this feature.")] = None,
    release_id: Annotated[UUID | None, Query(description="Only those for this release.")] = None,
    is_overdue: Annotated[bool, Query(description="Only what is open and was due before today.")] = False,
) -> Page[HandoffRead]:
    """List hand-offs, last planned first."""
    return await handoffs.search(
        page, status=status, is_overdue=is_overdue, team_id=team_id, feature_id=feature_id, release_id=release_id
    )


@router.get("/{handoff_id}", scope="roadmap:read")
async def get_handoff(handoff_id: UUID, handoffs: Handoffs) -> HandoffRead:
    """Read a hand-off."""
    return HandoffRead.model_validate(await handoffs.get(handoff_id))


@router.patch("/{handoff_id}", scope="roadmap:write", example={"due_on": "2027-03-05"})
async def update_handoff(handoff_id: UUID, change: HandoffUpdate, handoffs: Handoffs, if_match: IfMatch) -> HandoffRead:
    """Change what is handed over, or the day."""
    return HandoffRead.model_validate(await handoffs.update(handoff_id, change, if_match=if_match))


@router.delete("/{handoff_id}", scope="roadmap:write")
async def delete_handoff(handoff_id: UUID, handoffs: Handoffs, if_match: IfMatch) -> None:
    """Remove a hand-off; `cancelled` keeps it on record."""
    await handoffs.delete(handoff_id, if_match=if_match)


@router.post("/{handoff_id}/transitions", scope="roadmap:write", status=200, example={"to": "handed_over"})
async def transition_handoff(handoff_id: UUID, step: HandoffStep, handoffs: Handoffs) -> HandoffRead:
    """Record a step: handed over, received, returned because it does not suffice, or cancelled.

    A step that is not possible is refused with 409, naming those that are.
    """
    return HandoffRead.model_validate(await handoffs.step(handoff_id, step))
