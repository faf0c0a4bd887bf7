"""The only SQL about rankings as they were made."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from services.chassis.repository import Repository
from services.requirements.models import Prioritization, RankedRequirement


class PrioritizationRepository(Repository[Prioritization]):
    """Rankings of one workspace."""

    model: ClassVar[Any] = Prioritization

    async def lines(self, prioritization_id: UUID) -> Sequence[RankedRequirement]:
        """Its lines, best first."""
        query = select(RankedRequirement).where(
            RankedRequirement.workspace_id == self.workspace_id,
            RankedRequirement.prioritization_id == prioritization_id,
        )
        return (await self.session.scalars(query.order_by(RankedRequirement.rank))).all()

    async def before(self, record: Prioritization) -> Prioritization | None:
        """The one made by the same method before this one."""
        query = self.rows().where(Prioritization.method == record.method, Prioritization.id < record.id)
        return (await self.session.scalars(query.order_by(Prioritization.id.desc()).limit(1))).one_or_none()
