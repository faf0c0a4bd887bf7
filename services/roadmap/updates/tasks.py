"""Mails updates, and hands answers over as feedback: each may run twice, and has then run once.

A mail that was sent but not noted, because the process died, goes out again under the same Message-ID. A server or a
neighbour that is away is asked again later.
"""

from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.context import ServiceContext
from services.chassis.http_client import NeighbourDown
from services.chassis.identity import system_principal
from services.chassis.jobs import Jobs, defer, soon
from services.chassis.mail import Mail, Mailer, MailRefused, MailUnavailable
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.domain.letters import Delivery
from services.roadmap.models import StakeholderUpdate, UpdateRecipient
from services.roadmap.models.base import touch
from services.roadmap.updates.repository import RecipientRepository, ReplyRepository, UpdateRepository
from services.roadmap.updates.service import HAND_OVER, MAIL

AGAIN_S = 60.0
GIVE_UP_AFTER = timedelta(days=2)

jobs = Jobs()


@jobs.job(MAIL)
async def mail_update(context: ServiceContext, *, workspace_id: str, update_id: str) -> None:
    """Mail to everybody who waits for this update; those whom the server cannot serve now, again in a minute."""
    workspace, update_key = UUID(workspace_id), UUID(update_id)
    async with context.database.transaction(workspace_id=workspace) as session:
        update = await UpdateRepository(session).find(update_key)
        waiting = await RecipientRepository(session).waiting(update_key)
    if update is None or not waiting:
        return
    mailer = Mailer(context.settings, context.clock)
    for recipient in waiting:
        delivery = await _delivered(mailer, update, recipient)
        if delivery == "waiting":
            continue
        async with context.database.transaction(workspace_id=workspace) as session:
            await _settle(context, session, recipient.id, delivery)
    async with context.database.transaction(workspace_id=workspace) as session:
        await _tell_mailed(context, session, update_key, workspace)


async def _delivered(mailer: Mailer, update: StakeholderUpdate, recipient: UpdateRecipient) -> Delivery:
    mail = Mail(id=recipient.id, to=recipient.email, subject=update.title, text=update.body)
    try:
        await mailer.send(mail)
    except MailRefused:
        return "refused"
    except MailUnavailable:
        return "waiting"
    return "taken"


async def _settle(context: ServiceContext, session: AsyncSession, recipient_id: UUID, delivery: Delivery) -> None:
    """The person may have been erased meanwhile: then there is nothing to note."""
    recipient = await RecipientRepository(session).find(recipient_id, lock=True)
    if recipient is not None:
        recipient.delivery, recipient.settled_at = delivery, context.clock.now()


async def _tell_mailed(context: ServiceContext, session: AsyncSession, update_id: UUID, workspace: UUID) -> None:
    update = await UpdateRepository(session).find(update_id, lock=True)
    if update is None:
        return
    touch(update)
    await session.flush()
    counts = {
        name: sum(each.delivery == name for each in update.recipients) for name in ("taken", "refused", "waiting")
    }
    work = UnitOfWork(context, system_principal("roadmap", workspace_id=workspace), session=session)
    await work.events.append(
        "stakeholder_update.mailed",
        subject_type="stakeholder_update",
        subject_id=update.id,
        version=update.version,
        data=counts,
    )
    await work.audit.write()
    now = context.clock.now()
    if counts["waiting"] and update.sent_at is not None and now < update.sent_at + GIVE_UP_AFTER:
        args = {"workspace_id": workspace, "update_id": update_id}
        await defer(session, MAIL, args, at=soon(now, AGAIN_S))


@jobs.job(HAND_OVER)
async def hand_over(context: ServiceContext, *, workspace_id: str, reply_id: str) -> None:
    """Make an answer feedback; its words stay here only as long as requirements does not have them."""
    workspace, reply_key = UUID(workspace_id), UUID(reply_id)
    async with context.database.transaction(workspace_id=workspace) as session:
        reply = await ReplyRepository(session).find(reply_key)
    if reply is None or reply.text is None:
        return
    requirements = cast("RoadmapContext", context).requirements
    try:
        feedback = await requirements.keep_answer(
            reply.text, reply_id=reply_key, email=reply.email, workspace_id=workspace
        )
    except NeighbourDown:
        async with context.database.transaction(workspace_id=workspace) as session:
            args = {"workspace_id": workspace_id, "reply_id": reply_id}
            await defer(session, HAND_OVER, args, at=soon(context.clock.now(), AGAIN_S))
        return
    async with context.database.transaction(workspace_id=workspace) as session:
        kept = await ReplyRepository(session).find(reply_key, lock=True)
        if kept is None:
            return
        kept.text, kept.email, kept.feedback_id = None, None, feedback.id
        work = UnitOfWork(context, system_principal("roadmap", workspace_id=workspace), session=session)
        await work.events.append(
            "update_reply.handed_over",
            subject_type="update_reply",
            subject_id=kept.id,
            version=2,
            data={"update_id": kept.update_id, "feedback_id": feedback.id},
        )
        await work.audit.write()
