"""HTTP for stakeholder updates."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.domain.letters import UpdateStatus
from services.roadmap.updates.schemas import ReplyCreate, ReplyRead, UpdateCreate, UpdateRead, UpdateUpdate
from services.roadmap.updates.service import UpdateService

router = Router(prefix="/v1/updates", tags=["Updates"])
Updates = Annotated[UpdateService, Depends(UpdateService)]
SPRING = {
    "roadmap_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a13",
    "audience_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a14",
    "recipients": ["ada@example.com"],
}
ANSWER = {"text": "Good news. We still cannot export more than a thousand rows.", "email": "ada@example.com"}


@router.post(scope="roadmap:write", example=SPRING)
async def create_update(new: UpdateCreate, updates: Updates) -> Created[UpdateRead]:
    """Draft a stakeholder update.

    It tells an audience what changed on a roadmap since the last update that was sent to it: what shipped and what that
    achieved, how objectives stand, what began, came on the plan or moved. It is written from what the audience may see
    now, and from nothing else. Put it into your own words, have it approved, and send it.
    """
    return created(await updates.draft(new))


@router.get(scope="roadmap:read")
async def list_updates(
    updates: Updates,
    page: Paging,
    *,
    roadmap_id: Annotated[UUID | None, Query(description="Only of this roadmap.")] = None,
    audience_id: Annotated[UUID | None, Query(description="Only to this audience.")] = None,
    status: Annotated[UpdateStatus | None, Query(description="Only those that stand so.")] = None,
) -> Page[UpdateRead]:
    """List stakeholder updates, newest first."""
    return await updates.search(page, roadmap_id=roadmap_id, audience_id=audience_id, status=status)


@router.get("/{update_id}", scope="roadmap:read")
async def get_update(update_id: UUID, updates: Updates) -> UpdateRead:
    """Read a stakeholder update, and who of its recipients has got it."""
    return UpdateRead.model_validate(await updates.get(update_id))


@router.patch("/{update_id}", scope="roadmap:write", example={"title": "What we shipped in spring"})
async def update_update(update_id: UUID, change: UpdateUpdate, updates: Updates, if_match: IfMatch) -> UpdateRead:
    """Put an update into your own words, or send it to others.

    What was approved becomes a draft again. What was sent stays as it is (409).
    """
    return UpdateRead.model_validate(await updates.update(update_id, change, if_match=if_match))


@router.delete("/{update_id}", scope="roadmap:write")
async def delete_update(update_id: UUID, updates: Updates, if_match: IfMatch) -> None:
    """Drop an update that was not sent."""
    await updates.delete(update_id, if_match=if_match)


@router.post("/{update_id}/approve", scope="roadmap:write")
async def approve_update(update_id: UUID, updates: Updates) -> UpdateRead:
    """Approve an update as it stands; who did so is kept."""
    return UpdateRead.model_validate(await updates.approve(update_id))


@router.post("/{update_id}/send", scope="roadmap:write")
async def send_update(update_id: UUID, updates: Updates) -> UpdateRead:
    """Send an approved update: it is mailed to each recipient by themselves, and `stakeholder_update.sent` is told.

    The next update to this audience begins where this one ends. Sending it again mails only to those who still wait.
    """
    return UpdateRead.model_validate(await updates.send(update_id))


@router.post("/{update_id}/replies", scope="roadmap:write", example=ANSWER)
async def create_reply(update_id: UUID, new: ReplyCreate, updates: Updates) -> Created[ReplyRead]:
    """Hand in what somebody answered to an update: it becomes feedback, with them as its contact.

    The words are kept as feedback only; here stays which feedback it is.
    """
    reply = await updates.reply(update_id, new)
    return created(reply, location=f"/v1/updates/{update_id}/replies?ids={reply.id}")


@router.get("/{update_id}/replies", scope="roadmap:read")
async def list_replies(update_id: UUID, updates: Updates, page: Paging) -> Page[ReplyRead]:
    """List what was answered to an update, newest first, as ids of feedback."""
    return await updates.replies(update_id, page)
