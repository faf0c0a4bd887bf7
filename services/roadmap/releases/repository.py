"""The only SQL about releases and what goes out with them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.domain.readiness import ReleaseStatus
from services.roadmap.models import (
    Commitment,
    Handoff,
    LaunchPackage,
    Milestone,
    Release,
    ReleaseFeature,
    Risk,
    RoadmapItem,
    Subscription,
)

REFERRING: Mapping[Any, str] = {
    Milestone: "a milestone",
    Commitment: "a commitment",
    Handoff: "a hand-off",
    Risk: "a risk",
    Subscription: "a subscription",
}


class ReleaseRepository(Repository[Release]):
    """Releases, each with its features."""

    model: ClassVar[Any] = Release

    def rows(self) -> Select[Release]:
        return super().rows().options(selectinload(Release.features))

    def matching(self, *, status: ReleaseStatus | None, feature_id: UUID | None) -> Select[Release]:
        """Releases that fit every given filter."""
        query = self.rows()
        if status is not None:
            query = query.where(Release.status == status)
        if feature_id is not None:
            link = ReleaseFeature
            query = query.where(
                exists().where(
                    link.workspace_id == Release.workspace_id,
                    link.release_id == Release.id,
                    link.feature_id == feature_id,
                )
            )
        return query

    async def referring(self, release_id: UUID) -> str | None:
        """What names the release, in words; None: nothing does."""
        for model, noun in REFERRING.items():
            query = exists().where(model.workspace_id == self.workspace_id, model.release_id == release_id)
            if await self.session.scalar(select(query)):
                return noun
        return None

    async def counted_back(self, release_id: UUID) -> Sequence[LaunchPackage]:
        """Its packages whose day is counted back from the launch, locked in the order of their ids."""
        package = LaunchPackage
        query = select(package).where(
            package.workspace_id == self.workspace_id,
            package.release_id == release_id,
            package.days_before_launch.is_not(None),
        )
        return (await self.session.scalars(query.order_by(package.id).with_for_update())).all()

    async def planned_ends(self, feature_ids: Sequence[UUID]) -> dict[UUID, date]:
        """The last day on which any roadmap says that each feature ends."""
        item = RoadmapItem
        query = (
            select(item.feature_id, func.max(item.ends_on))
            .where(item.workspace_id == self.workspace_id, item.feature_id.in_(feature_ids), item.ends_on.is_not(None))
            .group_by(item.feature_id)
        )
        found = (await self.session.execute(query)).all()
        return {row[0]: row[1] for row in found if row[1] is not None}
