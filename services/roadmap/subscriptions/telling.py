"""Tells subscribers: finds what is new in every workspace, keeps it in the ledger, and sends the mail."""

from typing import Any
from uuid import UUID

from services.chassis.context import ServiceContext
from services.chassis.identity import system_principal
from services.chassis.mail import Delivery, Mail, Mailer, pause_after
from services.chassis.rounds import rounds, workspaces_with
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.domain.attention import (
    ATTENTION,
    Interest,
    Notice,
    notices_of,
    sentence_of,
)
from services.roadmap.models import Notification, Subscription
from services.roadmap.subscriptions.repository import ConcernRepository, NotificationRepository, SubscriptionRepository

LOOK_S = 60.0


async def tell_everybody(context: ServiceContext) -> None:
    """Every workspace: enter what is new, then send what is due."""
    for workspace_id in await workspaces_with(context, "subscriptions"):
        async with context.database.transaction(workspace_id=workspace_id) as session:
            work = UnitOfWork(context, system_principal(context.name, workspace_id=workspace_id), session=session)
            await raise_notices(work)
            await work.audit.write()
        await send_mail(context, workspace_id)


async def raise_notices(work: UnitOfWork) -> None:
    """Enters each new occasion once; who listens to events is told by the same transaction."""
    subscriptions = {str(each.id): each for each in await SubscriptionRepository(work.session).everything()}
    if not subscriptions:
        return
    now = work.clock.now()
    concerns = await ConcernRepository(work.session).troubled(now.date())
    interests = [_interest(each) for each in subscriptions.values()]
    ledger = NotificationRepository(work.session)
    known = await ledger.known({UUID(each.id) for each in concerns})
    raised = {
        work.ids(): notice
        for notice in notices_of(concerns, interests, today=now.date())
        if (UUID(notice.interest), UUID(notice.concern.id), notice.occasion) not in known
    }
    rows = [
        {
            "id": id_,
            "subscription_id": UUID(notice.interest),
            "topic": notice.topic,
            "subject_kind": notice.concern.kind,
            "subject_id": UUID(notice.concern.id),
            "occasion": notice.occasion,
            "sentence": sentence_of(notice),
            "delivery": "pending" if subscriptions[notice.interest].channel == "mail" else "delivered",
            "attempts": 0,
            "next_try_at": now,
            "raised_at": now,
            "delivered_at": None if subscriptions[notice.interest].channel == "mail" else now,
        }
        for id_, notice in raised.items()
    ]
    entered = await ledger.enter(rows)
    events = [
        work.events.new(
            "notification.raised", subject_type="notification", subject_id=id_, version=1, data=_facts(notice)
        )
        for id_, notice in raised.items()
        if id_ in entered
    ]
    await work.events.append_all(events)


async def send_mail(context: ServiceContext, workspace_id: UUID) -> None:
    """Outside of any transaction; each is noted as it was taken over, so that a kill repeats one mail at most."""
    mailer = Mailer(context.settings, context.clock)
    if not mailer.is_configured:
        return
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        due = await NotificationRepository(session).due(context.clock.now())
        addresses = await SubscriptionRepository(session).by_ids({each.subscription_id for each in due})
    for notification in due:
        subscription = addresses.get(notification.subscription_id)
        if subscription is not None and subscription.email is not None:
            mail = mail_of(notification, to=subscription.email)
            delivery = await mailer.deliver(mail, kind="notification")
            await _note(context, workspace_id, notification.id, delivery)


def mail_of(notification: Notification, *, to: str) -> Mail:
    """The notification's id makes the Message-ID, so that sent twice it is one message."""
    text = f"{notification.sentence}\n\nYou are told because you subscribed to it; each occasion is told once.\n"
    return Mail(id=notification.id, to=to, subject=notification.sentence, text=text)


async def _note(context: ServiceContext, workspace_id: UUID, notification_id: UUID, delivery: Delivery) -> None:
    async with context.database.transaction(workspace_id=workspace_id) as session:
        row = await NotificationRepository(session).find(notification_id, lock=True)
        if row is None:
            return
        now = context.clock.now()
        row.attempts += 1
        row.delivery = delivery
        row.delivered_at = now if delivery == "delivered" else None
        row.next_try_at = now + pause_after(row.attempts)
        work = UnitOfWork(context, system_principal(context.name, workspace_id=workspace_id), session=session)
        kind = "postponed" if delivery == "pending" else delivery
        await work.events.append(
            f"notification.{kind}", subject_type="notification", subject_id=row.id, version=1 + row.attempts
        )
        await work.audit.write()


def _interest(row: Subscription) -> Interest:
    return Interest(
        id=str(row.id),
        topics=frozenset(row.topics),
        team=str(row.team_id) if row.team_id else None,
        feature=str(row.feature_id) if row.feature_id else None,
        release=str(row.release_id) if row.release_id else None,
    )


def _facts(notice: Notice) -> dict[str, Any]:
    """Ids and days; what people wrote is read where it is kept."""
    concern = notice.concern
    return {
        "subscription_id": notice.interest,
        "topic": notice.topic,
        "subject_kind": concern.kind,
        "subject_id": concern.id,
        "due_on": concern.due_on,
        "team_ids": sorted(concern.teams),
        "feature_id": concern.feature,
        "release_id": concern.release,
    }


telling_subscribers = rounds(ATTENTION, tell_everybody, every_s=LOOK_S)
"""Once a minute, and at once when somebody declined or flagged a risk."""
