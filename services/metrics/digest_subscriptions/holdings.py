"""The addresses that digests are mailed to."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.digest_subscriptions.repository import DigestSubscriptionRepository
from services.metrics.digest_subscriptions.service import DigestSubscriptionService


class DigestReaders:
    """Subscriptions under the person's addresses."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"digest_subscription": ("email",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        found = await DigestSubscriptionRepository(session).of_addresses(subject.emails)
        names = ("id", "dashboard_id", "email")
        return {"digest_subscription": [{name: getattr(each, name) for name in names} for each in found]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """The subscription ends; the audit trail never knew the address."""
        found = await DigestSubscriptionRepository(work.session).of_addresses(subject.emails)
        for each in found:
            await DigestSubscriptionService(work).remove(each)
        return {"digest_subscription": len(found)}
