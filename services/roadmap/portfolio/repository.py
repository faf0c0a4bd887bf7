"""The only SQL about portfolios."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.roadmap.models import ReleaseFeature


class ReleasesOfFeatures:
    """Which releases each feature goes out with."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def of(self, feature_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
        link = ReleaseFeature
        query = select(link.feature_id, link.release_id).where(
            link.workspace_id == self.workspace_id, link.feature_id.in_(feature_ids)
        )
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for feature_id, release_id in (await self.session.execute(query.order_by(link.release_id))).all():
            found[feature_id].append(release_id)
        return found
