"""Lists roadmaps for readers that are new to the feed, or too far behind."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.snapshot import CurrentState
from services.roadmap.roadmaps.repository import RoadmapRepository


class RoadmapStates:
    """Every roadmap as it is; its items have addresses of their own."""

    subject_type = "roadmap"
    event_type = "roadmap.updated"

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        return [
            CurrentState(subject_id=each.id, version=each.version, time=each.updated_at)
            for each in await RoadmapRepository(session).following(after, limit=limit)
        ]
