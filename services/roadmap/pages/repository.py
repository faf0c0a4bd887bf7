"""The only SQL that gathers a strategy for a page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.roadmap.models import (
    Differentiator,
    Initiative,
    MarketSegment,
    Need,
    Objective,
    PainPoint,
    Persona,
    Positioning,
    Vision,
)

MOST = 200
"""Of each kind; a page with more is not read."""


class PageRepository:
    """Each kind is one query for its rows and one for their number."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def visions(self, product_id: UUID | None) -> tuple[Sequence[Vision], int]:
        return await self._of(Vision, Vision.product_id == product_id if product_id else True)

    async def segments(self) -> tuple[Sequence[MarketSegment], int]:
        return await self._of(MarketSegment)

    async def personas(self) -> tuple[Sequence[Persona], int]:
        return await self._of(Persona)

    async def needs(self) -> tuple[Sequence[Need], int]:
        return await self._of(Need)

    async def pains(self, need_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
        """Their titles, by need."""
        query = select(PainPoint.need_id, PainPoint.title).where(
            PainPoint.workspace_id == self.workspace_id, PainPoint.need_id.in_(need_ids)
        )
        found: dict[UUID, list[str]] = {}
        for need_id, title in (await self.session.execute(query.order_by(PainPoint.id))).all():
            found.setdefault(need_id, []).append(title)
        return found

    async def differentiators(self) -> tuple[Sequence[Differentiator], int]:
        return await self._of(Differentiator)

    async def positionings(self, product_id: UUID | None) -> tuple[Sequence[Positioning], int]:
        return await self._of(Positioning, Positioning.product_id == product_id if product_id else True)

    async def initiatives(self, product_id: UUID | None) -> tuple[Sequence[Initiative], int]:
        return await self._of(Initiative, Initiative.product_id == product_id if product_id else True)

    async def objectives(self) -> tuple[Sequence[Objective], int]:
        """Those that are pursued now."""
        return await self._of(Objective, Objective.status == "active", loaded=Objective.key_results)

    async def _of(self, model: Any, condition: Any = True, *, loaded: Any = None) -> tuple[Sequence[Any], int]:
        query = select(model).where(model.workspace_id == self.workspace_id, condition)
        count = await self.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        ordered = query.order_by(model.id).limit(MOST)
        if loaded is not None:
            ordered = ordered.options(selectinload(loaded))
        return (await self.session.scalars(ordered)).all(), count
