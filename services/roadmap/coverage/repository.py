"""The only SQL that looks at the strategy as a whole."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.roadmap.models import (
    Differentiator,
    Feature,
    FeatureObjective,
    FeatureRequirement,
    Need,
    Objective,
    PainPoint,
    StrategyLink,
)

Rows = Sequence[Any]


class CoverageRepository:
    """Each question is one query over the workspace."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def needs(self) -> Sequence[Need]:
        return (await self.session.scalars(select(Need).where(Need.workspace_id == self.workspace_id))).all()

    async def features(self) -> Rows:
        return await self._all(Feature, Feature.id, Feature.title, Feature.status)

    async def differentiators(self) -> Rows:
        return await self._all(Differentiator, Differentiator.id, Differentiator.title)

    async def objectives(self) -> Rows:
        """Those that are pursued now."""
        query = select(Objective.id, Objective.title).where(
            Objective.workspace_id == self.workspace_id, Objective.status == "active"
        )
        return (await self.session.execute(query)).all()

    async def pains(self) -> Rows:
        return await self._all(PainPoint, PainPoint.need_id, PainPoint.id)

    async def answers(self) -> Rows:
        return await self._all(FeatureRequirement, FeatureRequirement.requirement_id, FeatureRequirement.feature_id)

    async def services(self) -> Rows:
        return await self._all(FeatureObjective, FeatureObjective.objective_id, FeatureObjective.feature_id)

    async def links(self, *ends: tuple[str, str]) -> Rows:
        """Links between things of these kinds, as (source kind, target kind, source, target)."""
        link = StrategyLink
        query = select(link.source_kind, link.target_kind, link.source_id, link.target_id).where(
            link.workspace_id == self.workspace_id, tuple_(link.source_kind, link.target_kind).in_(ends)
        )
        return (await self.session.execute(query)).all()

    async def _all(self, table: Any, *columns: Any) -> Rows:
        query = select(*columns).where(table.workspace_id == self.workspace_id)
        return (await self.session.execute(query)).all()
