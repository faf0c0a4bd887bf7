"""The only SQL about digest subscriptions and the ledger of what was delivered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, case, update
from sqlalchemy.dialects.postgresql import insert

from services.chassis.repository import Repository
from services.metrics.models import Digest, DigestDelivery, DigestSubscription

MOST_AT_ONCE = 100
OLD_NEWS = timedelta(days=7)


class DigestSubscriptionRepository(Repository[DigestSubscription]):
    model: ClassVar[Any] = DigestSubscription

    def search(self, *, dashboard_id: UUID | None) -> Select[DigestSubscription]:
        query = self.rows()
        return query if dashboard_id is None else query.where(DigestSubscription.dashboard_id == dashboard_id)

    async def of_addresses(self, emails: Collection[str]) -> Sequence[DigestSubscription]:
        """Those by which these addresses are told."""
        return await self.all(self.rows().where(DigestSubscription.email.in_(emails)).order_by(DigestSubscription.id))

    async def due(self, now: datetime, *, ids: Collection[UUID] | None = None) -> Sequence[DigestSubscription]:
        """Those whose time has come; with `ids`, which of these are still due, held until the transaction ends."""
        query = self.rows().where(DigestSubscription.next_due_at <= now).order_by(DigestSubscription.id)
        if ids is not None:
            query = query.where(DigestSubscription.id.in_(ids)).with_for_update(of=DigestSubscription)
            query = query.execution_options(populate_existing=True)
        return await self.all(query)

    async def note_next(self, next_due: dict[UUID, datetime]) -> None:
        """That a week has passed is no change to a subscription: its version stays."""
        mine = DigestSubscription.workspace_id == self.workspace_id, DigestSubscription.id.in_(next_due)
        await self.session.execute(
            update(DigestSubscription).where(*mine).values(next_due_at=case(next_due, value=DigestSubscription.id))
        )


class DigestDeliveryRepository(Repository[DigestDelivery]):
    model: ClassVar[Any] = DigestDelivery

    def of(self, subscription_id: UUID) -> Select[DigestDelivery]:
        return self.rows().where(DigestDelivery.subscription_id == subscription_id)

    async def enter(self, rows: Sequence[dict[str, Any]]) -> set[UUID]:
        """Writes what is new; answers its ids. Who was told of a week is never told again."""
        values = [{"workspace_id": self.workspace_id, **row} for row in rows]
        statement = insert(DigestDelivery).values(values).on_conflict_do_nothing().returning(DigestDelivery.id)
        return set((await self.session.scalars(statement)).all())

    async def to_send(self, now: datetime) -> Sequence[DigestDelivery]:
        """Mail that is to be sent now; what is older than a week is news no more."""
        query = self.rows().where(
            DigestDelivery.delivery == "pending",
            DigestDelivery.next_try_at <= now,
            DigestDelivery.due_at > now - OLD_NEWS,
        )
        return await self.all(query.order_by(DigestDelivery.next_try_at, DigestDelivery.id).limit(MOST_AT_ONCE))

    async def digests(self, ids: Collection[UUID]) -> dict[UUID, Digest]:
        return await _Digests(self.session).by_ids(ids)


class _Digests(Repository[Digest]):
    model: ClassVar[Any] = Digest
