"""The only SQL about milestones."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.roadmap.models import Milestone


class MilestoneRepository(Repository[Milestone]):
    """Milestones."""

    model: ClassVar[Any] = Milestone

    def matching(self, *, release_id: UUID | None, is_reached: bool | None) -> Select[Milestone]:
        """Milestones that fit every given filter."""
        query = self.rows()
        if release_id is not None:
            query = query.where(Milestone.release_id == release_id)
        if is_reached is not None:
            query = query.where(Milestone.reached_on.is_not(None) == is_reached)
        return query

    async def of(self, release_id: UUID) -> Sequence[Milestone]:
        """A release's milestones, first due first."""
        wanted = self.matching(release_id=release_id, is_reached=None)
        return await self.all(wanted.order_by(Milestone.due_on, Milestone.id))
