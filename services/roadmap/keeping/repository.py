"""The only SQL about links, and about rows that have some."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.models import (
    Competitor,
    Differentiator,
    Feature,
    Initiative,
    MarketSegment,
    Need,
    Objective,
    Persona,
    Product,
    Roadmap,
    StrategyLink,
)
from services.roadmap.models.links import LinkedRow

OWN: dict[str, Any] = {
    "product": Product,
    "market_segment": MarketSegment,
    "persona": Persona,
    "need": Need,
    "differentiator": Differentiator,
    "competitor": Competitor,
    "objective": Objective,
    "initiative": Initiative,
    "feature": Feature,
    "roadmap": Roadmap,
}
"""The roadmap's own things that can be linked to."""

Row = TypeVar("Row", bound=LinkedRow)


class LinkedRepository(Repository[Row]):
    """Rows of one kind, each with the links that it keeps."""

    def rows(self) -> Select[Row]:
        return super().rows().options(selectinload(self.model.links))

    def matching(self, *, equal: dict[str, Any], linked: Iterable[UUID]) -> Select[Row]:
        """Rows with these values, linked to all of these."""
        query = self.rows()
        for name, value in equal.items():
            query = query.where(getattr(self.model, name) == value)
        for target_id in linked:
            link = exists().where(
                StrategyLink.workspace_id == self.model.workspace_id,
                StrategyLink.source_id == self.model.id,
                StrategyLink.target_id == target_id,
            )
            query = query.where(link)
        return query


class LinkRepository:
    """Links by themselves."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def held(self, kind: str, ids: Collection[UUID]) -> set[UUID]:
        """Those that exist, kept from being removed until the transaction ends."""
        model = OWN[kind]
        query = select(model.id).where(model.workspace_id == self.workspace_id, model.id.in_(ids)).order_by(model.id)
        return set((await self.session.scalars(query.with_for_update(read=True, key_share=True))).all())

    async def naming(self, target_id: UUID) -> str | None:
        """The kind of something that links to it."""
        link = StrategyLink
        query = select(link.source_kind).where(link.workspace_id == self.workspace_id, link.target_id == target_id)
        return await self.session.scalar(query.order_by(link.source_kind).limit(1))
