"""The story of a webhook: kept, changed, its secret rotated, tried out, and told again what it missed."""

import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from gateway.events.visibility import visible
from gateway.events.webhooks.queue import ask_for_delivery
from gateway.events.webhooks.repository import DeliveryRepository, WebhookRepository
from gateway.events.webhooks.schemas import Replay, WebhookCreate
from gateway.events.webhooks.secrets import secret_key
from gateway.models import Webhook, WebhookDelivery
from services.chassis.errors import Conflict, FieldError, Gone, Invalid, NotFound
from services.chassis.outbound.destination import Destination, rules_for
from services.chassis.outbound.errors import AddressRefused
from services.chassis.standard_webhooks import shown
from services.chassis.unit_of_work import UnitOfWork

MAX_WEBHOOKS = 50
MAX_REPLAYED = 10_000
SUBJECT = "webhook"
TEST_TYPE = "webhook.test"


class TooManyWebhooks(Conflict):
    code, title = "too_many_webhooks", f"A workspace has at most {MAX_WEBHOOKS} webhooks"


class WebhookDisabled(Conflict):
    code, title = "webhook_disabled", "This webhook is disabled"


class WebhookService:
    """Changes webhooks within one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self.webhooks = WebhookRepository(work.session)
        self.deliveries = DeliveryRepository(work.session)

    async def create(self, new: WebhookCreate) -> tuple[Webhook, str]:
        """The webhook and its secret. Raises Invalid for an address that must not be called, TooManyWebhooks."""
        self._require_callable(new.url)
        if await self.webhooks.count() >= MAX_WEBHOOKS:
            raise TooManyWebhooks
        webhook = await self.webhooks.add(
            Webhook(**new.fields(), scopes=visible(self._work.principal.scopes), secret_number=1)
        )
        await self._tell("webhook.created", webhook)
        return webhook, self._secret(webhook)

    async def update(self, webhook: Webhook, changes: Mapping[str, object]) -> Webhook:
        """Whoever changes a webhook cannot make it see more than they see themselves."""
        for name, value in changes.items():
            if name == "is_enabled":
                await self._switch(webhook, is_on=bool(value))
            else:
                setattr(webhook, name, value)
        if "url" in changes:
            self._require_callable(webhook.url)
        webhook.scopes = sorted(set(webhook.scopes) & self._work.principal.scopes)
        await self._work.session.flush()
        await self._tell("webhook.updated", webhook)
        return webhook

    async def remove(self, webhook: Webhook) -> None:
        """With its deliveries."""
        await self._work.events.append(
            "webhook.deleted", subject_type=SUBJECT, subject_id=webhook.id, version=webhook.version + 1
        )
        await self.webhooks.remove(webhook)

    async def rotate(self, webhook_id: UUID, *, overlap: timedelta) -> tuple[Webhook, str]:
        """A new secret; until the overlap ends, messages carry a signature of each."""
        webhook = await self.webhooks.get(webhook_id, lock=True)
        webhook.secret_number += 1
        webhook.previous_secret_until = self._work.clock.now() + overlap
        await self._work.session.flush()
        await self._tell("webhook.secret_rotated", webhook)
        return webhook, self._secret(webhook)

    async def test(self, webhook_id: UUID) -> WebhookDelivery:
        """Send an event that says only that it is a test. Raises WebhookDisabled."""
        webhook = await self._enabled(webhook_id)
        now, event_id = self._work.clock.now(), self._work.ids()
        document = {
            "specversion": "1.0",
            "id": str(event_id),
            "source": "/gateway",
            "type": TEST_TYPE,
            "subject": str(webhook.id),
            "time": now.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "workspaceid": str(webhook.workspace_id),
            "subjecttype": SUBJECT,
            "subjectversion": webhook.version,
            "actorid": self._work.principal.id,
            "actorkind": self._work.principal.kind,
            "data": {},
        }
        delivery = await self.deliveries.add(
            WebhookDelivery(
                webhook_id=webhook.id,
                event_id=event_id,
                event_type=TEST_TYPE,
                document=json.dumps(document, separators=(",", ":")),
                state="pending",
                attempts=0,
                failures=0,
                next_attempt_at=now,
            )
        )
        await self._send_soon(webhook)
        return delivery

    async def delivery(self, webhook_id: UUID, delivery_id: UUID, *, lock: bool = False) -> WebhookDelivery:
        """Raises NotFound, also for a delivery of another webhook."""
        delivery = await self.deliveries.get(delivery_id, lock=lock)
        if delivery.webhook_id != webhook_id:
            raise NotFound(f"There is no delivery {delivery_id} of this webhook.")
        return delivery

    async def replay_one(self, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
        """Send it again, under the same `webhook-id`. Raises Gone, WebhookDisabled."""
        webhook = await self._enabled(webhook_id)
        delivery = await self.delivery(webhook_id, delivery_id)
        if not await self.deliveries.is_kept(delivery):
            raise Gone("The event is no longer kept.")
        await self.deliveries.renew([delivery.id], now=self._work.clock.now())
        await self._send_soon(webhook)
        await self._work.session.refresh(delivery)
        return delivery

    async def replay(self, webhook_id: UUID, wanted: Replay) -> int:
        """Send what the webhook missed in a stretch of time, also events of before it existed; answers how many."""
        webhook = await self._enabled(webhook_id)
        now = self._work.clock.now()
        states = ["failed"] if wanted.deliveries == "undelivered" else ["failed", "delivered"]
        events = await self.deliveries.replayable(
            webhook, since=wanted.since, until=wanted.until or now, states=states, limit=MAX_REPLAYED + 1
        )
        if len(events) > MAX_REPLAYED:
            raise Invalid(errors=[FieldError("/until", f"More than {MAX_REPLAYED} events: choose a shorter stretch.")])
        known = [event.delivery_id for event in events if event.delivery_id is not None]
        new = [event for event in events if event.delivery_id is None]
        if known:
            await self.deliveries.renew(known, now=now)
        if new:
            await self.deliveries.expect(webhook.id, new, ids=self._work.ids, now=now)
        await self._send_soon(webhook)
        return len(events)

    async def _enabled(self, webhook_id: UUID) -> Webhook:
        webhook = await self.webhooks.get(webhook_id, lock=True)
        if not webhook.is_enabled:
            raise WebhookDisabled("Enable the webhook first.")
        return webhook

    async def _switch(self, webhook: Webhook, *, is_on: bool) -> None:
        if is_on == webhook.is_enabled:
            return
        webhook.disabled_reason = None if is_on else "by_admin"
        webhook.disabled_at = None if is_on else self._work.clock.now()
        if is_on:
            await self._send_soon(webhook)
            webhook.failing_since = None

    async def _send_soon(self, webhook: Webhook) -> None:
        """Now, also where a failing receiver is being given a rest: somebody asks for it."""
        if webhook.failing_since is not None:
            await self.webhooks.let_go(webhook.id, until=None)
        await ask_for_delivery(self._work.session, webhook.workspace_id, webhook.id)

    def _require_callable(self, url: str) -> None:
        try:
            rules_for(self._work.context.settings.environment).check(Destination.parse(url))
        except AddressRefused as refused:
            raise Invalid(errors=[FieldError("/url", str(refused), refused.code)]) from None

    def _secret(self, webhook: Webhook) -> str:
        pepper = self._work.context.settings.secret_bytes("key_pepper")
        return shown(secret_key(pepper, webhook.id, webhook.secret_number))

    async def _tell(self, event: str, webhook: Webhook) -> None:
        await self._work.events.append(event, subject_type=SUBJECT, subject_id=webhook.id, version=webhook.version)
