"""Lists features for readers that are new to the feed, or too far behind."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.snapshot import CurrentState
from services.roadmap.features.facts import feature_facts
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Feature


class FeatureStates:
    """Every feature as it is."""

    subject_type = "feature"
    event_type = "feature.updated"
    is_shipped_only = False

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        features = await FeatureRepository(session).following(after, limit=limit, is_shipped_only=self.is_shipped_only)
        return [_state(feature) for feature in features]


class ShippedFeatures(FeatureStates):
    """What has shipped, once more as the event that says so: for readers who wait only for that."""

    event_type = "feature.shipped"
    is_shipped_only = True


def _state(feature: Feature) -> CurrentState:
    return CurrentState(
        subject_id=feature.id, version=feature.version, time=feature.updated_at, data=feature_facts(feature)
    )
