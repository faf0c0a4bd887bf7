"""Keeps who wants to be told of what."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.events import signal_after_commit
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.attention import ATTENTION
from services.roadmap.models import Notification, Subscription
from services.roadmap.references.service import require_references
from services.roadmap.subscriptions.repository import NotificationRepository, SubscriptionRepository
from services.roadmap.subscriptions.schemas import (
    NotificationRead,
    SubscriptionCreate,
    SubscriptionRead,
    SubscriptionUpdate,
)


class SubscriptionService:
    """Subscriptions, and the ledger of each."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def subscriptions(self) -> SubscriptionRepository:
        return SubscriptionRepository(self.work.session)

    async def create(self, new: SubscriptionCreate) -> Subscription:
        """Raises UnknownReference for what is not there."""
        fields = new.fields()
        await require_references(self.work, fields)
        fields["topics"] = sorted(set(new.topics))
        subscription = await self.subscriptions.add(Subscription(**fields))
        await self._tell("subscription.created", subscription)
        return subscription

    async def get(self, subscription_id: UUID) -> Subscription:
        return await self.subscriptions.get(subscription_id)

    async def search(self, page: PageQuery, **linked: UUID | None) -> Page[SubscriptionRead]:
        query = self.subscriptions.rows()
        for name, value in linked.items():
            if value is not None:
                query = query.where(getattr(Subscription, name) == value)
        return await list_page(
            self.work,
            query,
            page,
            model=Subscription,
            subject_type="subscription",
            read=SubscriptionRead.model_validate,
            filters=linked,
        )

    async def update(
        self, subscription_id: UUID, change: SubscriptionUpdate, *, if_match: Precondition
    ) -> Subscription:
        subscription = await self.subscriptions.get(subscription_id, lock=True)
        if_match.check(subscription)
        changes = change.changes()
        if "topics" in changes:
            subscription.topics = sorted(set(changes["topics"]))
        await self._tell("subscription.updated", subscription)
        return subscription

    async def delete(self, subscription_id: UUID, *, if_match: Precondition) -> None:
        subscription = await self.subscriptions.get(subscription_id, lock=True)
        if_match.check(subscription)
        await self.remove(subscription)

    async def remove(self, subscription: Subscription) -> None:
        """With its ledger."""
        version = subscription.version
        await self.subscriptions.remove(subscription)
        await self.work.events.append(
            "subscription.deleted", subject_type="subscription", subject_id=subscription.id, version=version + 1
        )

    async def search_notifications(self, subscription_id: UUID, page: PageQuery) -> Page[NotificationRead]:
        await self.subscriptions.get(subscription_id)
        return await list_page(
            self.work,
            NotificationRepository(self.work.session).of(subscription_id),
            page,
            model=Notification,
            subject_type="notification",
            read=NotificationRead.model_validate,
            filters={"subscription_id": subscription_id},
        )

    async def _tell(self, kind: str, subscription: Subscription) -> None:
        await self.work.session.flush()
        data: dict[str, Any] = {
            "topics": subscription.topics,
            "channel": subscription.channel,
            "team_id": subscription.team_id,
            "feature_id": subscription.feature_id,
            "release_id": subscription.release_id,
        }
        await self.work.events.append(
            kind,
            subject_type="subscription",
            subject_id=subscription.id,
            version=subscription.version,
            data=data,
        )
        signal_after_commit(self.work.session, ATTENTION, self.work.context.signal)
