"""The only SQL about versions and scenarios."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.roadmap.models import RoadmapChange, RoadmapVersion, Scenario, ScenarioItem


class VersionRepository(Repository[RoadmapVersion]):
    """Versions of roadmaps."""

    model: ClassVar[Any] = RoadmapVersion

    def of(self, roadmap_id: UUID) -> Select[RoadmapVersion]:
        return self.rows().where(RoadmapVersion.roadmap_id == roadmap_id)

    async def find_of(self, roadmap_id: UUID, version_id: UUID) -> RoadmapVersion | None:
        query = self.of(roadmap_id).where(RoadmapVersion.id == version_id)
        return (await self.session.scalars(query)).one_or_none()

    async def get_of(self, roadmap_id: UUID, version_id: UUID) -> RoadmapVersion:
        """Raises NotFound when this roadmap has no such version."""
        version = await self.find_of(roadmap_id, version_id)
        if version is None:
            raise NotFound(f"Roadmap {roadmap_id} has no version {version_id}.")
        return version

    async def last_number(self, roadmap_id: UUID) -> int:
        query = select(func.max(RoadmapVersion.number)).where(
            RoadmapVersion.workspace_id == self.workspace_id, RoadmapVersion.roadmap_id == roadmap_id
        )
        return await self.session.scalar(query) or 0


class ReasonRepository(Repository[RoadmapChange]):
    """What was said when places on the living roadmap were changed."""

    model: ClassVar[Any] = RoadmapChange

    async def between(
        self, roadmap_id: UUID, *, after: datetime, until: datetime, features: Collection[UUID]
    ) -> Sequence[RoadmapChange]:
        """For these features, oldest first."""
        query = self.rows().where(
            RoadmapChange.roadmap_id == roadmap_id,
            RoadmapChange.made_at > after,
            RoadmapChange.made_at <= until,
            RoadmapChange.feature_id.in_(features),
        )
        return await self.all(query.order_by(RoadmapChange.id))


class ScenarioRepository(Repository[Scenario]):
    """Scenarios by themselves."""

    model: ClassVar[Any] = Scenario


class ScenarioItemRepository(Repository[ScenarioItem]):
    """Places in scenarios, each with its feature."""

    model: ClassVar[Any] = ScenarioItem

    def rows(self) -> Select[ScenarioItem]:
        return super().rows().options(selectinload(ScenarioItem.feature))

    def of(self, scenario_id: UUID) -> Select[ScenarioItem]:
        return self.rows().where(ScenarioItem.scenario_id == scenario_id)

    async def everything_in(self, scenario_id: UUID) -> Sequence[ScenarioItem]:
        """All of a scenario's places, in a fixed order."""
        return await self.all(self.of(scenario_id).order_by(ScenarioItem.id))

    async def find_placed(self, scenario_id: UUID, feature_id: UUID) -> ScenarioItem | None:
        query = self.of(scenario_id).where(ScenarioItem.feature_id == feature_id)
        return (await self.session.scalars(query)).one_or_none()

    async def get_placed(self, scenario_id: UUID, feature_id: UUID) -> ScenarioItem:
        """Raises NotFound when the feature does not stand in the scenario."""
        item = await self.find_placed(scenario_id, feature_id)
        if item is None:
            raise NotFound(f"Feature {feature_id} does not stand in scenario {scenario_id}.")
        return item
