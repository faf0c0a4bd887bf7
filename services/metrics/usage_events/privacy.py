"""What usage events hold of a person, and how they are counted on when it is gone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.models import PersonLink, UsageEvent

Pseudonym = Callable[[str, UUID], int]


@dataclass(frozen=True)
class UsageOfPerson:
    """Events under the hash of one of a person's ids or addresses; `pseudonym` makes such a hash in a workspace."""

    pseudonym: Pseudonym
    covers: ClassVar[Mapping[str, Sequence[str]]] = {"usage_event": ("properties",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        """What the person did."""
        workspace_id = session.info["workspace_id"]
        rows = await session.execute(
            select(UsageEvent.name, UsageEvent.occurred_at, UsageEvent.properties)
            .where(UsageEvent.workspace_id == workspace_id, UsageEvent.person.in_(self._hashes(subject, workspace_id)))
            .order_by(UsageEvent.occurred_at)
        )
        return {"usage_event": [{**row} for row in rows.mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """The events are nobody's from then on: counts stay as they are, and nothing leads back."""
        workspace_id = work.principal.workspace
        hashes = self._hashes(subject, workspace_id)
        nobody = func.floor(func.random() * 2**62).cast(BigInteger)
        erased = await work.session.execute(
            update(UsageEvent)
            .where(UsageEvent.workspace_id == workspace_id, UsageEvent.person.in_(hashes))
            .values(person=nobody, properties={})
        )
        await work.session.execute(
            delete(PersonLink).where(
                PersonLink.workspace_id == workspace_id,
                or_(PersonLink.person.in_(hashes), PersonLink.same_as.in_(hashes)),
            )
        )
        return {"usage_event": int(getattr(erased, "rowcount", 0))}

    def _hashes(self, subject: DataSubject, workspace_id: UUID) -> list[int]:
        return [self.pseudonym(name, workspace_id) for name in subject.names]
