"""Delivers what is due to one webhook: one worker at a time, a few messages at once, none while it is given a rest."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.events.webhooks.queue import ask_for_delivery
from gateway.events.webhooks.repository import DeliveryRepository, Held, Letter, WebhookRepository
from gateway.events.webhooks.schedule import is_hopeless, rest_s, retry_delay_s
from gateway.events.webhooks.secrets import secret_key
from gateway.events.webhooks.sending import Outcome, send
from gateway.models import WebhookDelivery
from services.chassis.context import ServiceContext
from services.chassis.identity import system_principal
from services.chassis.outbound.client import OutboundClient
from services.chassis.standard_webhooks import signed_headers
from services.chassis.tracing import current_trace
from services.chassis.unit_of_work import UnitOfWork

AT_ONCE = 8
HOLD = timedelta(seconds=30)
SLICE_S = 20.0
NOT_KEPT = Outcome(duration_ms=0, error="The event is no longer kept.")

ATTEMPTS = Counter("fullcircle_webhook_attempts_total", "Attempts to deliver a webhook message.", ["outcome"])

log = structlog.get_logger(__name__)


class Courier:
    """Works for one webhook; whatever it does not finish, a later job does."""

    def __init__(self, context: ServiceContext, client: OutboundClient, workspace_id: UUID, webhook_id: UUID) -> None:
        self._context = context
        self._client = client
        self._workspace_id = workspace_id
        self._webhook_id = webhook_id

    async def run(self) -> None:
        """Send what is due for a while, then leave word for when to go on."""
        webhook = await self._hold()
        if webhook is None:
            await self._come_back_later()
            return
        rest_until = None
        try:
            rest_until = await self._deliver(webhook)
        finally:
            async with self._transaction() as session:
                await WebhookRepository(session).let_go(self._webhook_id, until=rest_until)
        await self._come_back_later()

    async def _deliver(self, webhook: Held | None) -> datetime | None:
        """Until nothing is due, the slice is over or something fails; then it answers until when to let it be."""
        clock = asyncio.get_running_loop()
        end = clock.time() + SLICE_S
        while webhook is not None and clock.time() < end:
            async with self._transaction() as session:
                letters = await DeliveryRepository(session).due(
                    self._webhook_id, now=self._now(), limit=1 if webhook.failing_since else AT_ONCE
                )
            if not letters:
                return None
            rests = await asyncio.gather(*(self._attempt(webhook, letter) for letter in letters))
            if failed := [rest for rest in rests if rest is not None]:
                return max(failed)
            webhook = await self._hold(again=True)
        return None

    async def _attempt(self, webhook: Held, letter: Letter) -> datetime | None:
        """Send one message and keep what came of it; answers until when the receiver is to rest if it failed."""
        now = self._now()
        if letter.document is None:
            outcome = NOT_KEPT
        else:
            body = letter.document.encode()
            outcome = await send(
                self._client,
                webhook.url,
                body=body,
                signed=signed_headers(letter.event_id, now, body, self._keys(webhook, now)),
                traceparent=json.loads(letter.document).get("traceparent") or current_trace().traceparent,
                now=now,
            )
        ATTEMPTS.labels("delivered" if outcome.is_success else "failed").inc()
        return await self._keep(letter, outcome, at=now)

    async def _keep(self, letter: Letter, outcome: Outcome, *, at: datetime) -> datetime | None:
        work = UnitOfWork(self._context, system_principal(self._context.name, workspace_id=self._workspace_id))
        async with contextlib.aclosing(work.session):
            webhook = await WebhookRepository(work.session).find(self._webhook_id, lock=True)
            if webhook is None:
                return None
            delivery = await DeliveryRepository(work.session).get(letter.delivery_id, lock=True)
            delivery.attempts += 1
            await DeliveryRepository(work.session).add_attempt(
                delivery_id=delivery.id,
                number=delivery.attempts,
                at=at,
                duration_ms=outcome.duration_ms,
                status=outcome.status,
                error=outcome.error,
                answer=outcome.answer,
            )
            rest_until = await self._settle(work, delivery, outcome)
            await work.audit.write()
            await work.session.commit()
        return rest_until

    async def _settle(self, work: UnitOfWork, delivery: WebhookDelivery, outcome: Outcome) -> datetime | None:
        now = self._now()
        webhooks = WebhookRepository(work.session)
        if outcome.is_success:
            delivery.state, delivery.delivered_at, delivery.next_attempt_at = "delivered", now, None
            await webhooks.note_success(self._webhook_id)
            return None
        _plan_next(delivery, outcome, now)
        if outcome is NOT_KEPT:
            return None
        failing_since = await webhooks.note_failure(self._webhook_id, now=now)
        if outcome.is_gone:
            await self._disable(work, "gone")
        elif is_hopeless(failing_since, now):
            await self._disable(work, "failing")
        return now + timedelta(seconds=rest_s(failing_since, now))

    async def _disable(self, work: UnitOfWork, reason: str) -> None:
        """With a notice: an event like any other, which other webhooks and the log carry."""
        webhook = await WebhookRepository(work.session).get(self._webhook_id, lock=True)
        if not webhook.is_enabled:
            return
        webhook.disabled_reason, webhook.disabled_at = reason, self._now()
        await work.session.flush()
        await work.events.append(
            "webhook.disabled",
            subject_type="webhook",
            subject_id=webhook.id,
            version=webhook.version,
            data={"reason": reason},
        )
        log.warning("webhook.disabled", webhook_id=str(webhook.id), reason=reason)

    async def _come_back_later(self) -> None:
        """Leave word for the next due message; seen after letting go, so that nothing falls between two workers."""
        async with self._transaction() as session:
            held = await WebhookRepository(session).held_until(self._webhook_id)
            due = None if held is None else await DeliveryRepository(session).next_due(self._webhook_id)
            if held is None or due is None:
                return
            at = max(due, held.held_until or due)
            later = at if at > self._now() else None
            await ask_for_delivery(session, self._workspace_id, self._webhook_id, at=later)

    async def _hold(self, *, again: bool = False) -> Held | None:
        now = self._now()
        async with self._transaction() as session:
            return await WebhookRepository(session).hold(self._webhook_id, now=now, until=now + HOLD, again=again)

    def _keys(self, webhook: Held, now: datetime) -> list[bytes]:
        """The secret, and the one before it until its time is over."""
        pepper = self._context.settings.secret_bytes("key_pepper")
        numbers = [webhook.secret_number]
        if webhook.previous_secret_until is not None and webhook.previous_secret_until > now:
            numbers.append(webhook.secret_number - 1)
        return [secret_key(pepper, self._webhook_id, number) for number in numbers]

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        async with self._context.database.transaction(workspace_id=self._workspace_id) as session:
            yield session

    def _now(self) -> datetime:
        return self._context.clock.now()


def _plan_next(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    delivery.failures += 1
    delay_s = retry_delay_s(delivery.failures, jitter=random.random(), asked_s=outcome.retry_after_s)  # noqa: S311
    if delay_s is None or outcome is NOT_KEPT:
        delivery.state, delivery.next_attempt_at = "failed", None
    else:
        delivery.next_attempt_at = now + timedelta(seconds=delay_s)
