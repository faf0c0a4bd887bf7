"""The only SQL about forecasts."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from services.chassis.repository import Repository
from services.chassis.tables import operation
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Feature, Forecast, ForecastAnswer

MOST_HISTORY = 500


class ForecastRepository(Repository[Forecast]):
    """Questions."""

    model: ClassVar[Any] = Forecast

    async def states(self, forecasts: Collection[Forecast]) -> dict[str, str]:
        """The states of their operations, as far as those are still kept."""
        query = select(operation.c.id, operation.c.state).where(
            operation.c.workspace_id == self.workspace_id,
            operation.c.id.in_([each.operation_id for each in forecasts]),
        )
        return {row.id: row.state for row in await self.session.execute(query)}


class AnswerRepository(Repository[ForecastAnswer]):
    """Answers; the id is the question's."""

    model: ClassVar[Any] = ForecastAnswer


class HistoryRepository(FeatureRepository):
    """What was finished, with what it took."""

    async def finished(self) -> Sequence[Feature]:
        """Last shipped first, as far back as it says something about today."""
        query = self.rows().where(Feature.shipped_at.is_not(None), Feature.actual_effort_days > 0)
        return await self.all(query.order_by(Feature.shipped_at.desc(), Feature.id).limit(MOST_HISTORY))

    async def with_needs(self, ids: Collection[UUID]) -> dict[UUID, Feature]:
        """These features, and step by step everything that they need."""
        found = await self.by_ids(ids)
        while missing := {needed for feature in found.values() for needed in feature.depends_on} - found.keys():
            found |= await self.by_ids(missing)
        return found
