"""The only SQL about needs and pain points."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import exists, select

from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import MarketSegment, Need, PainPoint, StrategyLink


class NeedRepository(LinkedRepository[Need]):
    """Needs."""

    model: ClassVar[Any] = Need

    async def has_pains(self, need_id: UUID) -> bool:
        """Whether a pain point belongs to the need."""
        query = select(exists().where(PainPoint.workspace_id == self.workspace_id, PainPoint.need_id == need_id))
        return bool(await self.session.scalar(query))

    async def themes(self, need_id: UUID) -> set[UUID]:
        """The themes that the need and its pain points cite."""
        link = StrategyLink
        pains = select(PainPoint.id).where(PainPoint.workspace_id == self.workspace_id, PainPoint.need_id == need_id)
        query = select(link.target_id).where(
            link.workspace_id == self.workspace_id,
            link.target_kind == "theme",
            (link.source_id == need_id) | link.source_id.in_(pains),
        )
        return set((await self.session.scalars(query)).all())

    async def segments(self, ids: Sequence[UUID]) -> Sequence[MarketSegment]:
        query = select(MarketSegment).where(MarketSegment.workspace_id == self.workspace_id, MarketSegment.id.in_(ids))
        return (await self.session.scalars(query.order_by(MarketSegment.id))).all()


class PainPointRepository(LinkedRepository[PainPoint]):
    """Pain points."""

    model: ClassVar[Any] = PainPoint
