"""The only SQL about competitors, capabilities and positionings."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import Capability, Competitor, Positioning


class CompetitorRepository(LinkedRepository[Competitor]):
    """Competitors."""

    model: ClassVar[Any] = Competitor

    async def names(self) -> dict[UUID, str]:
        query = select(Competitor.id, Competitor.name).where(Competitor.workspace_id == self.workspace_id)
        rows = (await self.session.execute(query.order_by(Competitor.name, Competitor.id))).all()
        return {row[0]: row[1] for row in rows}


class CapabilityRepository(LinkedRepository[Capability]):
    """Capabilities."""

    model: ClassVar[Any] = Capability

    async def every(self) -> Sequence[Capability]:
        """All of them, the most important first."""
        return await self.all(self.rows().order_by(Capability.importance.desc(), Capability.id))


class PositioningRepository(LinkedRepository[Positioning]):
    """Positionings."""

    model: ClassVar[Any] = Positioning
