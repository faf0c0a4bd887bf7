"""The only SQL about roadmaps."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.roadmap.models import Roadmap, RoadmapChange, RoadmapItem


class RoadmapRepository(Repository[Roadmap]):
    """Roadmaps by themselves."""

    model: ClassVar[Any] = Roadmap

    async def following(self, after: UUID | None, *, limit: int) -> Sequence[Roadmap]:
        """The next roadmaps in the order of their ids."""
        query = self.rows().order_by(Roadmap.id).limit(limit)
        return await self.all(query if after is None else query.where(Roadmap.id > after))


class ItemRepository(Repository[RoadmapItem]):
    """Items, each with its feature."""

    model: ClassVar[Any] = RoadmapItem

    def rows(self) -> Select[RoadmapItem]:
        return super().rows().options(selectinload(RoadmapItem.feature))

    def on(self, roadmap_id: UUID) -> Select[RoadmapItem]:
        """The items of one roadmap."""
        return self.rows().where(RoadmapItem.roadmap_id == roadmap_id)

    async def everything_on(self, roadmap_id: UUID) -> Sequence[RoadmapItem]:
        """All its items, in a fixed order."""
        return await self.all(self.on(roadmap_id).order_by(RoadmapItem.id))

    async def everything_on_all(self, roadmap_ids: Collection[UUID]) -> Sequence[RoadmapItem]:
        """All items of these roadmaps, in a fixed order; of all roadmaps when none is named."""
        query = self.rows().order_by(RoadmapItem.id)
        return await self.all(query.where(RoadmapItem.roadmap_id.in_(roadmap_ids)) if roadmap_ids else query)

    async def find_placed(self, roadmap_id: UUID, feature_id: UUID) -> RoadmapItem | None:
        query = self.on(roadmap_id).where(RoadmapItem.feature_id == feature_id)
        return (await self.session.scalars(query)).one_or_none()

    async def get_placed(self, roadmap_id: UUID, feature_id: UUID) -> RoadmapItem:
        """Raises NotFound when the feature does not stand on the roadmap."""
        item = await self.find_placed(roadmap_id, feature_id)
        if item is None:
            raise NotFound(f"Feature {feature_id} does not stand on roadmap {roadmap_id}.")
        return item


class ChangeRepository(Repository[RoadmapChange]):
    """The record of changes."""

    model: ClassVar[Any] = RoadmapChange

    def on(self, roadmap_id: UUID) -> Select[RoadmapChange]:
        return self.rows().where(RoadmapChange.roadmap_id == roadmap_id)
