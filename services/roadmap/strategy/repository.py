"""The only SQL about objectives and key results."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.models import FeatureObjective, KeyResult, Objective


class ObjectiveRepository(Repository[Objective]):
    """Objectives, each with its key results."""

    model: ClassVar[Any] = Objective

    def rows(self) -> Select[Objective]:
        return super().rows().options(selectinload(Objective.key_results))

    async def following(self, after: UUID | None, *, limit: int) -> Sequence[Objective]:
        """The next objectives in the order of their ids."""
        query = self.rows().order_by(Objective.id).limit(limit)
        return await self.all(query if after is None else query.where(Objective.id > after))

    async def everything(self) -> Sequence[Objective]:
        """All objectives, in a fixed order."""
        return await self.all(self.rows().order_by(Objective.id))

    async def is_served(self, objective_id: UUID) -> bool:
        """Whether any feature serves the objective."""
        link = select(FeatureObjective.feature_id).where(
            FeatureObjective.workspace_id == self.workspace_id, FeatureObjective.objective_id == objective_id
        )
        return await self.session.scalar(link.limit(1)) is not None


class KeyResultRepository(Repository[KeyResult]):
    """Key results by themselves."""

    model: ClassVar[Any] = KeyResult

    async def kpis_in_play(self) -> Sequence[UUID]:
        """The KPIs that active objectives name."""
        query = self._of_active(select(KeyResult.kpi_id)).distinct().order_by(KeyResult.kpi_id)
        return (await self.session.scalars(query)).all()

    async def objectives_of_kpi(self, kpi_id: UUID) -> Sequence[UUID]:
        """The active objectives that this KPI decides, in a fixed order."""
        query = self._of_active(select(KeyResult.objective_id)).where(KeyResult.kpi_id == kpi_id).distinct()
        return (await self.session.scalars(query.order_by(KeyResult.objective_id))).all()

    def _of_active(self, query: Select[UUID]) -> Select[UUID]:
        objective = and_(Objective.workspace_id == KeyResult.workspace_id, Objective.id == KeyResult.objective_id)
        return query.join(Objective, objective).where(
            KeyResult.workspace_id == self.workspace_id, Objective.status == "active"
        )
