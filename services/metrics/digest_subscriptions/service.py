"""Keeps who wants a dashboard's digest, and when."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.dashboards.repository import DashboardRepository
from services.metrics.digest_subscriptions.repository import DigestDeliveryRepository, DigestSubscriptionRepository
from services.metrics.digest_subscriptions.schemas import (
    DigestDeliveryRead,
    DigestSubscriptionCreate,
    DigestSubscriptionRead,
    DigestSubscriptionUpdate,
)
from services.metrics.domain.weekly import Weekly
from services.metrics.models import DigestDelivery, DigestSubscription


class DigestSubscriptionService:
    """The digest subscriptions of one workspace, and the ledger of each."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.subscriptions = DigestSubscriptionRepository(work.session)

    async def create(self, new: DigestSubscriptionCreate) -> DigestSubscription:
        """Raises UnknownReference."""
        if await DashboardRepository(self.work.session).find(new.dashboard_id) is None:
            raise UnknownReference(errors=[FieldError("/dashboard_id", "There is no such dashboard.", "unknown")])
        subscription = DigestSubscription(**new.fields())
        subscription.next_due_at = weekly_of(subscription).after(self.work.clock.now())
        await self.subscriptions.add(subscription)
        await self._tell("digest_subscription.created", subscription, version=subscription.version)
        return subscription

    async def get(self, subscription_id: UUID) -> DigestSubscription:
        return await self.subscriptions.get(subscription_id)

    async def search(self, page: PageQuery, *, dashboard_id: UUID | None) -> Page[DigestSubscriptionRead]:
        return await list_page(
            self.work,
            self.subscriptions.search(dashboard_id=dashboard_id),
            page,
            model=DigestSubscription,
            subject_type="digest_subscription",
            read=DigestSubscriptionRead.model_validate,
            filters={"dashboard_id": dashboard_id},
        )

    async def update(
        self, subscription_id: UUID, change: DigestSubscriptionUpdate, *, if_match: Precondition
    ) -> DigestSubscription:
        """Raises PreconditionFailed."""
        subscription = await self.subscriptions.get(subscription_id, lock=True)
        if_match.check(subscription)
        for name, value in change.changes().items():
            setattr(subscription, name, value)
        if self.work.session.is_modified(subscription):
            subscription.next_due_at = weekly_of(subscription).after(self.work.clock.now())
            await self.work.session.flush()
            await self._tell("digest_subscription.updated", subscription, version=subscription.version)
        return subscription

    async def delete(self, subscription_id: UUID, *, if_match: Precondition) -> None:
        """Raises PreconditionFailed."""
        subscription = await self.subscriptions.get(subscription_id, lock=True)
        if_match.check(subscription)
        await self.remove(subscription)

    async def leave(self, subscription_id: UUID) -> None:
        """By the link in a mail; who left already leaves again without harm."""
        subscription = await self.subscriptions.find(subscription_id, lock=True)
        if subscription is not None:
            await self.remove(subscription)

    async def remove(self, subscription: DigestSubscription) -> None:
        """With its address and its ledger."""
        await self.subscriptions.remove(subscription)
        await self._tell("digest_subscription.deleted", subscription, version=subscription.version + 1)

    async def deliveries(self, subscription_id: UUID, page: PageQuery) -> Page[DigestDeliveryRead]:
        """Raises NotFound."""
        await self.subscriptions.get(subscription_id)
        return await list_page(
            self.work,
            DigestDeliveryRepository(self.work.session).of(subscription_id),
            page,
            model=DigestDelivery,
            subject_type="digest_delivery",
            read=DigestDeliveryRead.model_validate,
            filters={"digest_subscription_id": subscription_id},
        )

    async def _tell(self, kind: str, subscription: DigestSubscription, *, version: int) -> None:
        names = ("dashboard_id", "channel", "weekday", "hour", "time_zone")
        facts: dict[str, Any] = {name: getattr(subscription, name) for name in names}
        await self.work.events.append(
            kind, subject_type="digest_subscription", subject_id=subscription.id, version=version, data=facts
        )


def weekly_of(subscription: DigestSubscription) -> Weekly:
    return Weekly(subscription.weekday, subscription.hour, ZoneInfo(subscription.time_zone))
