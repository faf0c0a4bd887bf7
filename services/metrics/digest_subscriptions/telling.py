"""Makes digests when they are due, once for each week, and sends them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from services.chassis.errors import NotFound
from services.chassis.identity import system_principal
from services.chassis.leaving import headers_to_leave
from services.chassis.mail import Delivery, Mail, Mailer, pause_after
from services.chassis.rounds import rounds, workspaces_with
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.clients.context import MetricsContext
from services.metrics.digest_subscriptions.links import LINKS
from services.metrics.digest_subscriptions.repository import DigestDeliveryRepository, DigestSubscriptionRepository
from services.metrics.digest_subscriptions.service import weekly_of
from services.metrics.digests.service import DigestService
from services.metrics.models import Digest, DigestDelivery, DigestSubscription

LOOK_S = 60.0

log = structlog.get_logger(__name__)


async def tell_everybody(context: MetricsContext) -> None:
    """Every workspace: make what is due, then send what is to be sent."""
    for workspace_id in await workspaces_with(context, "digest_subscriptions"):
        await make_due(context, workspace_id)
        await send_mail(context, workspace_id)


async def make_due(context: MetricsContext, workspace_id: UUID) -> None:
    """Those who are due at the same time for the same dashboard get the same digest."""
    now = context.clock.now()
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        due = await DigestSubscriptionRepository(session).due(now)
    groups = defaultdict[tuple[UUID, datetime], list[UUID]](list)
    for each in due:
        groups[each.dashboard_id, weekly_of(each).latest(now)].append(each.id)
    for (dashboard_id, due_at), ids in groups.items():
        try:
            await _make(context, workspace_id, dashboard_id, due_at=due_at, subscription_ids=ids)
        except NotFound:
            log.info("digests.dashboard_gone", dashboard_id=str(dashboard_id))


async def _make(
    context: MetricsContext, workspace_id: UUID, dashboard_id: UUID, *, due_at: datetime, subscription_ids: list[UUID]
) -> None:
    """Gathered in a session that may take its time; kept, entered for each and put off by a week in one transaction.

    Whoever comes second, after a kill or beside another, finds nobody due any more.
    """
    principal = system_principal(context.name, workspace_id=workspace_id)
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        reading = DigestService(UnitOfWork(context, principal, session=session))
        dashboard, content = await reading.gather(dashboard_id, until=due_at)
    async with context.database.transaction(workspace_id=workspace_id) as session:
        work = UnitOfWork(context, principal, session=session)
        digests, subscriptions = DigestService(work), DigestSubscriptionRepository(session)
        await digests.dashboards.get(dashboard_id, lock=True)
        due = await subscriptions.due(context.clock.now(), ids=subscription_ids)
        if not due:
            return
        await digests.keep(dashboard, content, until=due_at, made_by=principal.id, due_at=due_at)
        digest = await digests.digests.due(dashboard_id, due_at)
        if digest is not None:
            await _enter(work, digest, due, due_at=due_at)
        await subscriptions.note_next({each.id: weekly_of(each).after(context.clock.now()) for each in due})
        await work.audit.write()


async def _enter(
    work: UnitOfWork, digest: Digest, subscriptions: Sequence[DigestSubscription], *, due_at: datetime
) -> None:
    """The event is there for whoever wanted no mail: they have it by now."""
    now = work.clock.now()
    rows: list[dict[str, Any]] = [
        {
            "id": work.ids(),
            "subscription_id": each.id,
            "digest_id": digest.id,
            "due_at": due_at,
            "delivery": "pending" if each.channel == "mail" else "delivered",
            "attempts": 0,
            "next_try_at": now,
            "delivered_at": None if each.channel == "mail" else now,
        }
        for each in subscriptions
    ]
    entered = await DigestDeliveryRepository(work.session).enter(rows)
    await work.events.append_all(
        [
            work.events.new(
                "digest_delivery.created",
                subject_type="digest_delivery",
                subject_id=row["id"],
                version=1,
                data={name: row[name] for name in ("subscription_id", "digest_id", "due_at", "delivery")},
            )
            for row in rows
            if row["id"] in entered
        ]
    )


async def send_mail(context: MetricsContext, workspace_id: UUID) -> None:
    """Outside of any transaction; each is noted as it was taken over, so that a kill repeats one mail at most."""
    mailer = Mailer(context.settings, context.clock)
    if not mailer.is_configured:
        return
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        deliveries = DigestDeliveryRepository(session)
        pending = await deliveries.to_send(context.clock.now())
        digests = await deliveries.digests({each.digest_id for each in pending})
        told = await DigestSubscriptionRepository(session).by_ids({each.subscription_id for each in pending})
    for each in pending:
        subscription = told.get(each.subscription_id)
        if subscription is None or subscription.email is None:
            continue
        link = LINKS.to_leave(context, workspace_id=workspace_id, reader_id=subscription.id)
        mail = mail_of(each, digests[each.digest_id], to=subscription.email, link=link)
        await _note(context, workspace_id, each.id, await mailer.deliver(mail, kind="digest"))


def mail_of(delivery: DigestDelivery, digest: Digest, *, to: str, link: str) -> Mail:
    """The delivery's id makes the Message-ID, so that sent twice it is one message (RFC 2369, 8058: how to leave)."""
    title = digest.text.partition("\n")[0].removeprefix("# ").replace("\\", "")
    return Mail(
        id=delivery.id,
        to=to,
        subject=f"{title}: the week to {digest.ends_at:%Y-%m-%d}",
        text=f"{digest.text}\n-- \nYou get this because you subscribed to it. No more of these messages: {link}\n",
        headers=headers_to_leave(link),
    )


async def _note(context: MetricsContext, workspace_id: UUID, delivery_id: UUID, delivery: Delivery) -> None:
    async with context.database.transaction(workspace_id=workspace_id) as session:
        row = await DigestDeliveryRepository(session).find(delivery_id, lock=True)
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
            f"digest_delivery.{kind}",
            subject_type="digest_delivery",
            subject_id=row.id,
            version=1 + row.attempts,
            data={"subscription_id": row.subscription_id, "digest_id": row.digest_id, "attempts": row.attempts},
        )
        await work.audit.write()


telling_digests = rounds("digests", tell_everybody, every_s=LOOK_S)
