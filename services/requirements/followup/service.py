"""Enters into the ledger who is to be told, and settles each entry once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.jobs import defer
from services.chassis.leaving import headers_to_leave
from services.chassis.mail import Mail, Mailer
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.domain.following_up import (
    Channel,
    FollowUpEvent,
    FollowUpState,
    Template,
    compose,
    suppression,
)
from services.requirements.followup.repository import Asked, FollowUpRepository
from services.requirements.followup_templates.repository import TemplateRepository
from services.requirements.followup_templates.service import template_in_force
from services.requirements.models import FollowUp, Requirement, Unsubscription

DELIVER = "followup.deliver"


class FollowUpService:
    """The ledger of follow-ups."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work

    @property
    def follow_ups(self) -> FollowUpRepository:
        return FollowUpRepository(self.work.session)

    async def enter(self, requirement: Requirement, event: FollowUpEvent, *, by: Channel) -> None:
        """Everybody whose words it rests on gets an entry, unless they have one for this event."""
        asked = await self.follow_ups.who_asked(requirement.id)
        verdict = await self.follow_ups.verdict(requirement.id) if event is FollowUpEvent.MEASURED else None
        template = await template_in_force(TemplateRepository(self.work.session), event)
        rows = [self._row(each, requirement, event, verdict=verdict, channel=by, template=template) for each in asked]
        new = await self.follow_ups.enter(rows)
        entered = [row for row in rows if row["id"] in new]
        await self._tell_of(entered)
        if any(row["state"] == FollowUpState.WAITING for row in entered):
            await defer(self.work.session, DELIVER, {"workspace_id": str(self.work.principal.workspace)})

    def _row(
        self,
        asked: Asked,
        requirement: Requirement,
        event: FollowUpEvent,
        *,
        verdict: str | None,
        channel: Channel,
        template: Template,
    ) -> dict[str, Any]:
        """By event there is nothing to wait for: the entry's own event is the delivery."""
        now = self.work.clock.now()
        reason = suppression(asked.recipient, channel=channel)
        message = compose(
            event,
            quote=asked.quote,
            title=requirement.title,
            reason=requirement.status_reason,
            verdict=verdict,
            template=template,
        )
        state = FollowUpState.WAITING if channel is Channel.EMAIL else FollowUpState.SENT
        state = FollowUpState.SUPPRESSED if reason is not None else state
        return {
            "workspace_id": self.work.principal.workspace,
            "id": self.work.ids(),
            "contact_id": asked.contact_id,
            "requirement_id": requirement.id,
            "feedback_id": asked.feedback_id,
            "event": event,
            "verdict": verdict,
            "state": state,
            "reason": reason,
            "channel": channel if reason is None else None,
            "quote": asked.quote,
            "subject": message.subject,
            "body": message.body,
            "attempts": 0,
            "settled_at": None if state is FollowUpState.WAITING else now,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }

    async def settle(self, follow_up: FollowUp, state: FollowUpState, *, reason: str | None = None) -> None:
        """The last word on an entry."""
        follow_up.state, follow_up.reason, follow_up.settled_at = state, reason, self.work.clock.now()
        if state is FollowUpState.SUPPRESSED:
            follow_up.channel = None
        await self.work.session.flush()
        await self.work.events.append(
            f"follow_up.{state}",
            subject_type="follow_up",
            subject_id=follow_up.id,
            version=follow_up.version,
            data=follow_up_facts(follow_up),
        )

    async def unsubscribe(self, contact_id: UUID) -> None:
        """No more messages; doing it again does no harm."""
        if await self.follow_ups.has_left(contact_id):
            return
        row = Unsubscription(contact_id=contact_id)
        self.work.session.add(row)
        await self.work.session.flush()
        await self.work.events.append(
            "unsubscription.created",
            subject_type="unsubscription",
            subject_id=row.id,
            version=row.version,
            data={"contact_id": contact_id},
        )

    async def _tell_of(self, rows: Sequence[dict[str, Any]]) -> None:
        await self.work.events.append_all(
            [
                self.work.events.new(
                    f"follow_up.{row['state']}",
                    subject_type="follow_up",
                    subject_id=row["id"],
                    version=1,
                    data=follow_up_facts(FollowUp(**row)),
                )
                for row in rows
            ]
        )


def follow_up_facts(follow_up: FollowUp) -> dict[str, Any]:
    """What the feed tells of an entry, and a webhook to the workspace's own systems: ids and facts, nobody's words."""
    names = ("contact_id", "requirement_id", "feedback_id", "event", "verdict", "state", "reason", "channel")
    return {name: getattr(follow_up, name) for name in names}


def mail_of(follow_up: FollowUp, *, to: str, link: str) -> Mail:
    """The entry as mail; its id makes the Message-ID, so that sent twice it is still one message.

    Source of the headers: RFC 2369 and RFC 8058, unsubscribing with one click.
    """
    return Mail(
        id=follow_up.id,
        to=to,
        subject=follow_up.subject,
        text=f"{follow_up.body}\n-- \nNo more of these messages: {link}\n",
        headers=headers_to_leave(link),
    )


def mailer_of(work: UnitOfWork) -> Mailer:
    return Mailer(work.context.settings, work.clock)


def channel_of(work: UnitOfWork) -> Channel:
    """By mail when the installation sends mail, else by event."""
    return Channel.EMAIL if work.context.settings.smtp_host else Channel.EVENT
