"""From the log into the ledger: for each event and each webhook that wants it, one delivery, exactly once, in order."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.events.log.repository import Logged
from gateway.events.patterns import TypeFilter
from gateway.events.webhooks.queue import ask_for_delivery
from gateway.events.webhooks.repository import DeliveryRepository
from gateway.models import Webhook
from services.chassis.clock import Clock
from services.chassis.ids import IdMaker


class Fanout:
    """Writes the ledger in the transaction that writes the log."""

    def __init__(self, session: AsyncSession, *, clock: Clock, ids: IdMaker) -> None:
        self._session = session
        self._clock = clock
        self._ids = ids

    async def spread(self, events: Sequence[Logged]) -> None:
        if not events:
            return
        workspace_id = self._session.info["workspace_id"]
        deliveries = DeliveryRepository(self._session)
        # Nobody removes a webhook between this and the commit: its ledger refers to it.
        enabled = select(Webhook.id, Webhook.event_types, Webhook.scopes).where(
            Webhook.workspace_id == workspace_id, Webhook.disabled_reason.is_(None)
        )
        for webhook in (await self._session.execute(enabled.with_for_update(read=True, key_share=True))).all():
            types = TypeFilter.of(webhook.event_types)
            wanted = [
                event
                for event in events
                if event.scope in webhook.scopes and types.matches(event.type) and event.subject != webhook.id
            ]
            if wanted:
                await deliveries.expect(webhook.id, wanted, ids=self._ids, now=self._clock.now())
                await ask_for_delivery(self._session, workspace_id, webhook.id)
