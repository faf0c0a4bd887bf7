"""Sends what waits, each entry in a transaction of its own: at least once, with the same Message-ID."""

from typing import Any
from uuid import UUID

from services.chassis.context import ServiceContext
from services.chassis.identity import system_principal
from services.chassis.jobs import Jobs, defer, soon
from services.chassis.mail import MailRefused, MailUnavailable
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.domain.following_up import (
    MOST_ATTEMPTS,
    Channel,
    FollowUpState,
    suppression,
    wait_s,
)
from services.requirements.followup.links import LINKS
from services.requirements.followup.service import DELIVER, FollowUpService, mail_of, mailer_of
from services.requirements.models import FollowUp

BATCH = 500

jobs = Jobs()


@jobs.job(DELIVER)
async def deliver(context: ServiceContext, *, workspace_id: str, **_: Any) -> None:
    """All that wait in a workspace; what the server cannot take now is tried again later."""
    workspace = UUID(workspace_id)
    async with context.database.session(workspace_id=workspace, read_only=True) as session:
        waiting = await FollowUpService(_work(context, workspace, session)).follow_ups.waiting(limit=BATCH)
    put_off = [attempts for each in waiting if (attempts := await _deliver_one(context, workspace, each)) is not None]
    if put_off or len(waiting) == BATCH:
        at = soon(context.clock.now(), wait_s(min(put_off, default=1)))
        async with context.database.transaction(workspace_id=workspace) as session:
            await defer(session, DELIVER, {"workspace_id": workspace_id}, once=f"{DELIVER}:{workspace}", at=at)


async def _deliver_one(context: ServiceContext, workspace: UUID, follow_up_id: UUID) -> int | None:
    """Send and settle one entry; answers how often it was tried when it has to be tried again.

    The mail is sent between two transactions: a kill before the second sends it again, under the same Message-ID.
    """
    async with context.database.transaction(workspace_id=workspace) as session:
        work = _work(context, workspace, session)
        service = FollowUpService(work)
        entry = await service.follow_ups.get(follow_up_id, lock=True)
        if entry.state != FollowUpState.WAITING:
            return None
        recipient = await service.follow_ups.recipient(entry)
        reason = suppression(recipient, channel=Channel.EMAIL)
        if reason is not None:
            await service.settle(entry, FollowUpState.SUPPRESSED, reason=reason)
            await work.audit.write()
            return None
        entry.attempts += 1
        link = LINKS.to_leave(context, workspace_id=workspace, reader_id=entry.contact_id)
        mail = mail_of(entry, to=str(recipient.email), link=link)
        attempts = entry.attempts
    state, reason = FollowUpState.SENT, None
    try:
        await mailer_of(work).send(mail)
    except MailRefused as refused:
        state, reason = FollowUpState.FAILED, f"refused: {refused}"
    except MailUnavailable as fault:
        if attempts < MOST_ATTEMPTS:
            return attempts
        state, reason = FollowUpState.FAILED, f"unavailable: {fault}"
    await _settle(context, workspace, follow_up_id, state, reason)
    return None


async def _settle(
    context: ServiceContext, workspace: UUID, follow_up_id: UUID, state: FollowUpState, reason: str | None
) -> None:
    async with context.database.transaction(workspace_id=workspace) as session:
        work = _work(context, workspace, session)
        service = FollowUpService(work)
        entry: FollowUp = await service.follow_ups.get(follow_up_id, lock=True)
        if entry.state == FollowUpState.WAITING:
            await service.settle(entry, state, reason=reason)
            await work.audit.write()


def _work(context: ServiceContext, workspace: UUID, session: Any) -> UnitOfWork:
    return UnitOfWork(context, system_principal(context.name, workspace_id=workspace), session=session)
