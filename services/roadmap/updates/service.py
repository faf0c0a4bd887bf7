"""Keeps stakeholder updates: drafts them from what changed, and lets nothing out that nobody approved."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, UnknownReference
from services.chassis.jobs import defer
from services.chassis.mail import Mailer
from services.chassis.pagination import PageQuery, list_page, newest_first
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.audiences.repository import AudienceRepository
from services.roadmap.audiences.service import view_of
from services.roadmap.domain.letters import NotReady, UpdateStatus, require_approved, require_sent, require_unsent
from services.roadmap.domain.news import news_of, told_of
from services.roadmap.exports.letters import letter, subject
from services.roadmap.models import StakeholderUpdate, UpdateRecipient, UpdateReply
from services.roadmap.models.base import touch
from services.roadmap.roadmaps.repository import RoadmapRepository
from services.roadmap.updates.repository import ReplyRepository, UpdateRepository
from services.roadmap.updates.schemas import ReplyCreate, ReplyRead, UpdateCreate, UpdateRead, UpdateUpdate

MAIL = "updates.mail"
HAND_OVER = "updates.hand_over"
LONGEST_TITLE = 200


class UpdateNotReady(Conflict):
    code, title = "update_not_ready", "The update does not stand so that this can be done"


class MailNotConfigured(Conflict):
    code, title = "mail_not_configured", "No mail server is set"


class UpdateService:
    """Updates, from the draft to the answers."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def updates(self) -> UpdateRepository:
        return UpdateRepository(self.work.session)

    async def draft(self, new: UpdateCreate) -> StakeholderUpdate:
        """Raises UnknownReference."""
        if await RoadmapRepository(self.work.session).find(new.roadmap_id) is None:
            raise UnknownReference(errors=[FieldError("/roadmap_id", "There is no such roadmap.", "unknown")])
        audience = await AudienceRepository(self.work.session).find(new.audience_id)
        if audience is None:
            raise UnknownReference(errors=[FieldError("/audience_id", "There is no such audience.", "unknown")])
        view = await view_of(self.work, roadmap_id=new.roadmap_id, audience=audience)
        last = await self.updates.last_sent(roadmap_id=new.roadmap_id, audience_id=new.audience_id)
        since = last.sent_at.date() if last is not None and last.sent_at is not None else None
        emails = new.recipients
        if emails is None:
            emails = [each.email for each in last.recipients] if last else []
        update = StakeholderUpdate(
            roadmap_id=new.roadmap_id,
            audience_id=new.audience_id,
            status="draft",
            title=subject(view, since)[:LONGEST_TITLE],
            body=letter(view, news_of(last.told if last else {}, view)),
            told=told_of(view),
            since_id=last.id if last else None,
            recipients=_recipients(emails),
        )
        await self.updates.add(update)
        await self._tell("stakeholder_update.drafted", update)
        return update

    async def get(self, update_id: UUID) -> StakeholderUpdate:
        return await self.updates.get(update_id)

    async def search(
        self, page: PageQuery, *, roadmap_id: UUID | None, audience_id: UUID | None, status: UpdateStatus | None
    ) -> Page[UpdateRead]:
        filters = {"roadmap_id": roadmap_id, "audience_id": audience_id, "status": status}
        query = self.updates.rows()
        for name, value in filters.items():
            if value is not None:
                query = query.where(getattr(StakeholderUpdate, name) == value)
        return await list_page(
            self.work,
            query,
            page,
            model=StakeholderUpdate,
            subject_type="stakeholder_update",
            read=UpdateRead.model_validate,
            filters=filters,
        )

    async def update(self, update_id: UUID, change: UpdateUpdate, *, if_match: Precondition) -> StakeholderUpdate:
        """Raises UpdateNotReady once it was sent; what was approved has to be approved anew."""
        update = await self._locked(update_id, require_unsent)
        if_match.check(update)
        changes = change.changes()
        if "recipients" in changes:
            update.recipients = _kept(update.recipients, changes.pop("recipients"))
            touch(update)
        for name, value in changes.items():
            setattr(update, name, value)
        update.status, update.approved_by, update.approved_at = "draft", None, None
        await self.work.session.flush()
        await self._tell("stakeholder_update.updated", update)
        return update

    async def delete(self, update_id: UUID, *, if_match: Precondition) -> None:
        """Raises UpdateNotReady once it was sent."""
        update = await self._locked(update_id, require_unsent)
        if_match.check(update)
        version = update.version
        await self.updates.remove(update)
        await self._tell("stakeholder_update.deleted", update, version=version + 1)

    async def approve(self, update_id: UUID) -> StakeholderUpdate:
        update = await self._locked(update_id, require_unsent)
        if update.status != "approved":
            update.status, update.approved_by = "approved", self.work.principal.id
            update.approved_at = self.work.clock.now()
            await self.work.session.flush()
            await self._tell("stakeholder_update.approved", update)
        return update

    async def send(self, update_id: UUID) -> StakeholderUpdate:
        """Raises UpdateNotReady before it was approved, MailNotConfigured where nobody could be mailed to.

        Once sent, only those are mailed to who still wait for it.
        """
        update = await self._locked(update_id, require_approved)
        if update.recipients and not Mailer(self.work.context.settings, self.work.clock).is_configured:
            raise MailNotConfigured("Set FULLCIRCLE_SMTP_HOST, or send it to nobody and hand it out yourself.")
        if update.status != "sent":
            update.status, update.sent_at = "sent", self.work.clock.now()
            await self.work.session.flush()
            await self._tell("stakeholder_update.sent", update)
        if any(each.delivery == "waiting" for each in update.recipients):
            await self._defer(MAIL, update_id=update.id)
        return update

    async def reply(self, update_id: UUID, new: ReplyCreate) -> UpdateReply:
        """Raises UpdateNotReady before it was sent."""
        update = await self._locked(update_id, require_sent)
        reply = UpdateReply(update_id=update.id, received_at=self.work.clock.now(), **new.fields())
        await ReplyRepository(self.work.session).add(reply)
        await self.work.events.append(
            "update_reply.received",
            subject_type="update_reply",
            subject_id=reply.id,
            version=1,
            data={"update_id": update.id},
        )
        await self._defer(HAND_OVER, reply_id=reply.id)
        return reply

    async def replies(self, update_id: UUID, page: PageQuery) -> Page[ReplyRead]:
        await self.updates.get(update_id)
        return await list_page(
            self.work,
            ReplyRepository(self.work.session).to(update_id),
            page,
            model=UpdateReply,
            subject_type="update_reply",
            read=ReplyRead.model_validate,
            sort=newest_first(UpdateReply),
            filters={"update_id": update_id},
        )

    async def _locked(self, update_id: UUID, require: Callable[[UpdateStatus], None]) -> StakeholderUpdate:
        update = await self.updates.get(update_id, lock=True)
        try:
            require(update.status)
        except NotReady as fault:
            raise UpdateNotReady(str(fault)) from None
        return update

    async def _defer(self, job: str, **ids: UUID) -> None:
        args = {"workspace_id": self.work.principal.workspace, **ids}
        await defer(self.work.session, job, args)

    async def _tell(self, kind: str, update: StakeholderUpdate, *, version: int | None = None) -> None:
        data: dict[str, Any] = {
            "roadmap_id": update.roadmap_id,
            "audience_id": update.audience_id,
            "status": update.status,
            "recipients": len(update.recipients),
        }
        await self.work.events.append(
            kind,
            subject_type="stakeholder_update",
            subject_id=update.id,
            version=version or update.version,
            data=data,
        )


def _recipients(emails: list[str]) -> list[UpdateRecipient]:
    return [UpdateRecipient(email=each, delivery="waiting") for each in dict.fromkeys(emails)]


def _kept(before: list[UpdateRecipient], emails: list[str]) -> list[UpdateRecipient]:
    """Who stays keeps their row: the unique address would be in the way of a second one."""
    known = {each.email: each for each in before}
    return [known.get(each) or UpdateRecipient(email=each, delivery="waiting") for each in dict.fromkeys(emails)]
