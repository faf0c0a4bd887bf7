"""HTTP for follow-ups, and the page behind the link by which people leave."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse

from services.chassis.identity import system_principal
from services.chassis.leaving import FORM, PAGE, LeavingToken
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.domain.following_up import FollowUpState
from services.requirements.followup.links import LINKS
from services.requirements.followup.schemas import FollowUpRead
from services.requirements.followup.service import FollowUpService
from services.requirements.models import FollowUp

router = Router(prefix="/v1/follow-ups", tags=["Follow-ups"])
leaving = Router(prefix=LINKS.path, tags=["Follow-ups"])


async def _service(work: Work) -> FollowUpService:
    return FollowUpService(work)


FollowUps = Annotated[FollowUpService, Depends(_service)]


@router.get(scope="feedback:read")
async def list_follow_ups(
    follow_ups: FollowUps,
    page: Paging,
    requirement_id: Annotated[UUID | None, Query(description="Only what was told of this requirement.")] = None,
    contact_id: Annotated[UUID | None, Query(description="Only what this contact was told.")] = None,
    state: Annotated[FollowUpState | None, Query(description="Only those in this state.")] = None,
) -> Page[FollowUpRead]:
    """List what was told to whom, newest first.

    When a requirement ships, is declined or measured, each contact whose words it rests on, and who agreed to be told,
    gets one message with their own quote and what came of it; the verdict of the measurement is told whatever it says.
    For each contact, requirement and event there is one entry: sent, suppressed with the reason, or failed.
    """
    return await list_page(
        follow_ups.work,
        follow_ups.follow_ups.matching(requirement_id=requirement_id, contact_id=contact_id, state=state),
        page,
        model=FollowUp,
        subject_type="follow_up",
        read=FollowUpRead.model_validate,
        filters={"requirement_id": requirement_id, "contact_id": contact_id, "state": state},
    )


@router.get("/{follow_up_id}", scope="feedback:read")
async def get_follow_up(follow_up_id: UUID, follow_ups: FollowUps) -> FollowUpRead:
    """Read what was told, word for word."""
    return FollowUpRead.model_validate(await follow_ups.follow_ups.get(follow_up_id))


@leaving.get(public=True, extra=PAGE, answers=(404,))
async def get_unsubscribe_page(token: LeavingToken, request: Request) -> HTMLResponse:
    """Ask whether somebody wants no more messages.

    The page behind the link in each message. It changes nothing by itself: mail programs open links on their own.
    """
    LINKS.opened(request.app.state.context, token)
    return LINKS.question(token)


@leaving.post(public=True, status=200, accepts=(FORM,), extra=PAGE, answers=(404,))
async def unsubscribe(token: LeavingToken, request: Request) -> HTMLResponse:
    """Take somebody off the list.

    From the page, or with one click from a mail program (RFC 8058). Doing it again does no harm.
    """
    context = request.app.state.context
    workspace_id, contact_id = LINKS.opened(context, token)
    async with context.database.transaction(workspace_id=workspace_id) as session:
        work = UnitOfWork(context, system_principal(context.name, workspace_id=workspace_id), session=session)
        await FollowUpService(work).unsubscribe(contact_id)
        await work.audit.write()
    return LINKS.farewell()
