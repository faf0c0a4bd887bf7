"""The only SQL about briefs: what concerns one team, each kind with one query."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.roadmap.domain import commitments, handoffs
from services.roadmap.domain.readiness import FINISHED
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.models import (
    Commitment,
    Feature,
    FeatureDependency,
    Handoff,
    LaunchPackage,
    Release,
    RoadmapItem,
    Team,
    WorkPackage,
)


class BriefRepository:
    """Open things of one team."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def names(self) -> dict[UUID, str]:
        """All teams by name."""
        query = select(Team.id, Team.name).where(Team.workspace_id == self.workspace_id)
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def commitments(self, team_id: UUID) -> Sequence[Commitment]:
        """What it owes or waits for."""
        row = Commitment
        query = select(row).where(
            row.workspace_id == self.workspace_id,
            row.status.in_(commitments.OPEN),
            or_(row.team_id == team_id, row.for_team_id == team_id),
        )
        return (await self.session.scalars(query.order_by(row.due_on, row.id))).all()

    async def handoffs(self, team_id: UUID) -> Sequence[Handoff]:
        """From it and to it."""
        row = Handoff
        query = select(row).where(
            row.workspace_id == self.workspace_id,
            row.status.in_(handoffs.OPEN),
            or_(row.team_id == team_id, row.to_team_id == team_id),
        )
        return (await self.session.scalars(query.order_by(row.due_on, row.id))).all()

    async def packages(self, team_id: UUID) -> Sequence[Row[LaunchPackage, str, date | None]]:
        """Its open work packages, each with its release's name and target."""
        package, release = LaunchPackage, Release
        query = (
            select(package, release.name, release.target_on)
            .join(release, and_(release.workspace_id == package.workspace_id, release.id == package.release_id))
            .where(
                package.workspace_id == self.workspace_id,
                package.team_id == team_id,
                package.status.not_in(FINISHED),
                release.status == "planned",
            )
            .order_by(package.id)
        )
        return (await self.session.execute(query)).all()

    async def features(self, team_id: UUID) -> Sequence[Row[Any]]:
        """Placed features that it works on: id, title, status, last planned end, deadline, its person-days."""
        package = WorkPackage
        mine = (
            select(package.feature_id, func.sum(package.likely_days).label("days"))
            .where(package.workspace_id == self.workspace_id, package.team_id == team_id)
            .group_by(package.feature_id)
            .subquery()
        )
        placed = self._placed()
        query = (
            select(Feature.id, Feature.title, Feature.status, placed.c.ends_on, Feature.deadline, mine.c.days)
            .join(mine, mine.c.feature_id == Feature.id)
            .join(placed, placed.c.feature_id == Feature.id)
            .where(Feature.workspace_id == self.workspace_id, Feature.status.in_(PLANNABLE))
            .order_by(Feature.id)
        )
        return (await self.session.execute(query)).all()

    async def waiting_for(self, feature_ids: Collection[UUID]) -> Sequence[Row[Any]]:
        """Pairs of a feature among these and an open one that needs it, with the teams that the latter has."""
        return await self._across(FeatureDependency.needs_feature_id, FeatureDependency.feature_id, feature_ids)

    async def needed_by(self, feature_ids: Collection[UUID]) -> Sequence[Row[Any]]:
        """Pairs of a feature among these and an open one that it needs, with the teams that the latter has."""
        return await self._across(FeatureDependency.feature_id, FeatureDependency.needs_feature_id, feature_ids)

    async def _across(self, near: Any, far: Any, feature_ids: Collection[UUID]) -> Sequence[Row[Any]]:
        link, package, placed = FeatureDependency, WorkPackage, self._placed()
        query = (
            select(near, Feature.id, Feature.title, Feature.status, placed.c.ends_on, Feature.deadline, package.team_id)
            .join(Feature, and_(Feature.workspace_id == link.workspace_id, Feature.id == far))
            .join(package, and_(package.workspace_id == link.workspace_id, package.feature_id == far))
            .outerjoin(placed, placed.c.feature_id == far)
            .where(
                link.workspace_id == self.workspace_id,
                near.in_(feature_ids),
                package.team_id.is_not(None),
                Feature.status.in_(PLANNABLE),
            )
            .distinct()
            .order_by(Feature.id)
        )
        return (await self.session.execute(query)).all()

    def _placed(self) -> Any:
        """When roadmaps say that each placed feature ends."""
        item = RoadmapItem
        return (
            select(item.feature_id, func.max(item.ends_on).label("ends_on"))
            .where(item.workspace_id == self.workspace_id)
            .group_by(item.feature_id)
            .subquery()
        )
