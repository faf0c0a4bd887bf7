"""The only SQL about webhooks and their deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.events.log.repository import of_types
from gateway.events.patterns import TypeFilter
from gateway.models import LoggedEvent, Webhook, WebhookAttempt, WebhookDelivery
from services.chassis.ids import IdMaker
from services.chassis.repository import Repository


class Expected(Protocol):
    """An event that a webhook is to be told of."""

    @property
    def id(self) -> UUID: ...

    @property
    def type(self) -> str: ...

    @property
    def position(self) -> int: ...


@dataclass(frozen=True)
class Letter:
    """A delivery that is due, with the bytes to be sent; None when the event is no longer kept."""

    delivery_id: UUID
    event_id: UUID
    document: str | None


@dataclass(frozen=True)
class Held:
    """A webhook in a worker's hand."""

    url: str
    secret_number: int
    previous_secret_until: datetime | None
    failing_since: datetime | None


class WebhookRepository(Repository[Webhook]):
    model: ClassVar[Any] = Webhook

    async def count(self) -> int:
        mine = select(func.count()).select_from(Webhook).where(Webhook.workspace_id == self.workspace_id)
        return (await self.session.execute(mine)).scalar_one()

    async def hold(self, webhook_id: UUID, *, now: datetime, until: datetime, again: bool = False) -> Held | None:
        """Take an enabled webhook in hand, or keep it; None when it is not to be had."""
        condition = self._is(webhook_id) & Webhook.disabled_reason.is_(None)
        if not again:
            condition &= or_(Webhook.held_until.is_(None), Webhook.held_until <= now)
        row = (
            await self.session.execute(
                self._change(condition, held_until=until).returning(
                    Webhook.url, Webhook.secret_number, Webhook.previous_secret_until, Webhook.failing_since
                )
            )
        ).one_or_none()
        return None if row is None else Held(*row)

    async def let_go(self, webhook_id: UUID, *, until: datetime | None) -> None:
        """Out of the hand again; nobody takes it before `until`."""
        await self.session.execute(self._change(self._is(webhook_id), held_until=until))

    async def held_until(self, webhook_id: UUID) -> Row[datetime | None] | None:
        """Until when an enabled webhook is held; None when it is gone or disabled."""
        query = select(Webhook.held_until).where(self._is(webhook_id), Webhook.disabled_reason.is_(None))
        return (await self.session.execute(query)).one_or_none()

    async def note_success(self, webhook_id: UUID) -> None:
        await self.session.execute(
            self._change(self._is(webhook_id) & Webhook.failing_since.is_not(None), failing_since=None)
        )

    async def note_failure(self, webhook_id: UUID, *, now: datetime) -> datetime:
        """Since when nothing has gone well."""
        since = func.coalesce(Webhook.failing_since, now)
        changed = self._change(self._is(webhook_id), failing_since=since).returning(Webhook.failing_since)
        failing_since: datetime = (await self.session.execute(changed)).scalar_one()
        return failing_since

    def _is(self, webhook_id: UUID) -> Any:
        return and_(Webhook.workspace_id == self.workspace_id, Webhook.id == webhook_id)

    @staticmethod
    def _change(condition: Any, **values: Any) -> Any:
        # What a worker notes is no change of the resource: its version, and so its ETag, stay.
        return update(Webhook).where(condition).values(**values).execution_options(synchronize_session=False)


class DeliveryRepository(Repository[WebhookDelivery]):
    model: ClassVar[Any] = WebhookDelivery

    def of(self, webhook_id: UUID, *, state: str | None = None) -> Select[WebhookDelivery]:
        """A webhook's deliveries."""
        query = self.rows().where(WebhookDelivery.webhook_id == webhook_id)
        return query if state is None else query.where(WebhookDelivery.state == state)

    async def expect(self, webhook_id: UUID, events: Sequence[Expected], *, ids: IdMaker, now: datetime) -> None:
        """Enter the events; what is in the ledger already stays as it is."""
        rows = [
            {
                "workspace_id": self.workspace_id,
                "id": ids(),
                "webhook_id": webhook_id,
                "event_id": event.id,
                "event_type": event.type,
                "position": event.position,
                "state": "pending",
                "attempts": 0,
                "failures": 0,
                "next_attempt_at": now,
                "version": 1,
                "created_at": now,
                "updated_at": now,
            }
            for event in events
        ]
        await self.session.execute(upsert(WebhookDelivery).on_conflict_do_nothing(), rows)

    async def due(self, webhook_id: UUID, *, now: datetime, limit: int) -> list[Letter]:
        """What is to be sent now: what has waited longest first, and of equals the earlier event."""
        mine, log = WebhookDelivery, LoggedEvent
        query = (
            select(mine.id, mine.event_id, func.coalesce(mine.document, log.document))
            .outerjoin(log, and_(log.workspace_id == mine.workspace_id, log.id == mine.event_id))
            .where(self._pending(webhook_id), mine.next_attempt_at <= now)
            .order_by(mine.next_attempt_at, mine.position.nulls_first(), mine.id)
            .limit(limit)
        )
        return [Letter(*row) for row in await self.session.execute(query)]

    async def next_due(self, webhook_id: UUID) -> datetime | None:
        """When the next attempt is to be made."""
        return await self.session.scalar(
            select(func.min(WebhookDelivery.next_attempt_at)).where(self._pending(webhook_id))
        )

    def _pending(self, webhook_id: UUID) -> Any:
        mine = WebhookDelivery
        return and_(mine.workspace_id == self.workspace_id, mine.webhook_id == webhook_id, mine.state == "pending")

    async def attempts(self, delivery_id: UUID) -> Sequence[WebhookAttempt]:
        """The tries, first to last."""
        attempt = WebhookAttempt
        query = select(attempt).where(attempt.workspace_id == self.workspace_id, attempt.delivery_id == delivery_id)
        return (await self.session.scalars(query.order_by(attempt.number))).all()

    async def add_attempt(self, **values: Any) -> None:
        await self.session.execute(insert(WebhookAttempt).values(workspace_id=self.workspace_id, **values))

    async def is_kept(self, delivery: WebhookDelivery) -> bool:
        """Whether what was to be sent is still there."""
        if delivery.document is not None:
            return True
        query = select(LoggedEvent.id).where(
            LoggedEvent.workspace_id == self.workspace_id, LoggedEvent.id == delivery.event_id
        )
        return (await self.session.execute(query)).first() is not None

    async def replayable(
        self,
        webhook: Webhook,
        *,
        since: datetime,
        until: datetime,
        states: Collection[str],
        limit: int,
    ) -> Sequence[Row[UUID, int, str, UUID | None]]:
        """Events of a stretch of time that the webhook wants: `id, position, type, delivery_id`.

        Those with a delivery are among them when it is in one of `states`; those without always are.
        """
        log, mine = LoggedEvent, WebhookDelivery
        ledger = and_(mine.workspace_id == log.workspace_id, mine.webhook_id == webhook.id, mine.event_id == log.id)
        query = (
            select(log.id, log.position, log.type, mine.id.label("delivery_id"))
            .outerjoin(mine, ledger)
            .where(
                log.workspace_id == self.workspace_id,
                log.logged_at >= since,
                log.logged_at < until,
                log.scope.in_(webhook.scopes),
                of_types(log.type, TypeFilter.of(webhook.event_types)),
                or_(mine.id.is_(None), mine.state.in_(states)),
            )
            .order_by(log.position)
            .limit(limit)
        )
        return (await self.session.execute(query)).all()

    async def renew(self, delivery_ids: Collection[UUID], *, now: datetime) -> None:
        """Let these be sent again, with all their attempts before them."""
        await self.session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.workspace_id == self.workspace_id, WebhookDelivery.id.in_(delivery_ids))
            .values(
                state="pending",
                failures=0,
                next_attempt_at=now,
                delivered_at=None,
                updated_at=now,
                version=WebhookDelivery.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
