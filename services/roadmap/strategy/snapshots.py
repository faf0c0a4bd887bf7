"""Lists objectives for readers that are new to the feed, or too far behind."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.snapshot import CurrentState
from services.roadmap.strategy.facts import objective_facts
from services.roadmap.strategy.repository import ObjectiveRepository


class ObjectiveStates:
    """Every objective as it is."""

    subject_type = "objective"
    event_type = "objective.updated"

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        return [
            CurrentState(subject_id=each.id, version=each.version, time=each.updated_at, data=objective_facts(each))
            for each in await ObjectiveRepository(session).following(after, limit=limit)
        ]
