"""The one thing of a person that the roadmap keeps: the address by which they are told."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.subscriptions.repository import SubscriptionRepository
from services.roadmap.subscriptions.service import SubscriptionService


class SubscribersAddresses:
    """Subscriptions under the person's addresses."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"subscription": ("email",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        found = await SubscriptionRepository(session).of_addresses(subject.emails)
        return {"subscription": [{"id": each.id, "topics": each.topics, "email": each.email} for each in found]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """The subscription ends; the audit trail never knew the address."""
        found = await SubscriptionRepository(work.session).of_addresses(subject.emails)
        for each in found:
            await SubscriptionService(work).remove(each)
        return {"subscription": len(found)}
