"""The only SQL about what work costs."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.errors import NotFound
from services.roadmap.domain.costing import Paid, Work
from services.roadmap.models import Feature, RoadmapItem, TeamStaff, WorkPackage


@dataclass(frozen=True)
class Stated:
    """What a feature is said to cost, and when its work is to begin."""

    cost_minor: int | None
    currency: str | None
    starts_on: date | None


class CostRepository:
    """Each question is one query, for however many features."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def stated(self, feature_id: UUID) -> Stated:
        """Raises NotFound."""
        item = RoadmapItem
        placed = (
            select(func.min(item.starts_on))
            .where(item.workspace_id == Feature.workspace_id, item.feature_id == Feature.id)
            .scalar_subquery()
        )
        starts_on = func.coalesce(placed, Feature.earliest_start)
        query = select(Feature.cost_minor, Feature.currency, starts_on).where(
            Feature.workspace_id == self.workspace_id, Feature.id == feature_id
        )
        row = (await self.session.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"There is no feature {feature_id}.")
        return Stated(*row)

    async def works(self, feature_ids: Collection[UUID]) -> dict[UUID, list[Work]]:
        """The work packages of these features."""
        package = WorkPackage
        query = select(package).where(package.workspace_id == self.workspace_id, package.feature_id.in_(feature_ids))
        works: defaultdict[UUID, list[Work]] = defaultdict(list)
        for each in (await self.session.scalars(query.order_by(package.id))).all():
            team = None if each.team_id is None else str(each.team_id)
            works[each.feature_id].append(Work(each.skill, team, each.low_days, each.likely_days, each.high_days))
        return works

    async def staff(self) -> list[Paid]:
        """Everybody whose day has a rate."""
        staff = TeamStaff
        query = select(staff).where(staff.workspace_id == self.workspace_id, staff.day_rate_minor.is_not(None))
        return [
            Paid(
                team_id=str(each.team_id),
                skill=each.skill,
                people=each.people,
                rate_minor=each.day_rate_minor or 0,
                currency=each.currency or "",
                starts_on=each.starts_on,
                ends_on=each.ends_on,
            )
            for each in (await self.session.scalars(query.order_by(staff.id))).all()
        ]
