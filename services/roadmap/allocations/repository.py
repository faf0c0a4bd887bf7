"""The only SQL about allocations."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.roadmap.domain.calendars import Absence
from services.roadmap.models import Allocation


class AllocationRepository(Repository[Allocation]):
    """Allocations."""

    model: ClassVar[Any] = Allocation

    def matching(self, *, team_id: UUID | None = None, feature_id: UUID | None = None) -> Select[Allocation]:
        """Allocations that fit every given filter."""
        query = self.rows()
        if team_id is not None:
            query = query.where(Allocation.team_id == team_id)
        if feature_id is not None:
            query = query.where(Allocation.feature_id == feature_id)
        return query

    async def between(self, first: date, last: date) -> Sequence[Allocation]:
        """Those that touch these days, in a fixed order."""
        query = self.rows().where(Allocation.starts_on <= last, Allocation.ends_on >= first)
        return await self.all(query.order_by(Allocation.id))

    async def reserved(self) -> dict[UUID, list[Absence]]:
        """By team: people who work on no feature, and so are away for every plan."""
        found: dict[UUID, list[Absence]] = defaultdict(list)
        for each in await self.all(self.rows().where(Allocation.feature_id.is_(None)).order_by(Allocation.id)):
            found[each.team_id].append(Absence(each.starts_on, each.ends_on, each.skill, each.people))
        return found
