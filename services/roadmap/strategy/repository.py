"""The only SQL about objectives and key results."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, select
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

    async def is_served(self, objective_id: UUID) -> bool:
        """Whether any feature serves the objective."""
        link = select(FeatureObjective.feature_id).where(
            FeatureObjective.workspace_id == self.workspace_id, FeatureObjective.objective_id == objective_id
        )
        return await self.session.scalar(link.limit(1)) is not None


class KeyResultRepository(Repository[KeyResult]):
    """Key results by themselves."""

    model: ClassVar[Any] = KeyResult

    async def of_kpi(self, kpi_id: UUID) -> Sequence[KeyResult]:
        """Key results that this KPI decides, locked, in a fixed order."""
        return await self.all(self.rows().where(KeyResult.kpi_id == kpi_id).order_by(KeyResult.id).with_for_update())
