"""The only SQL about features and their links."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, exists, select, text
from sqlalchemy.orm import selectinload

from services.chassis.feed_handlers import Sweep
from services.chassis.repository import Repository
from services.roadmap.domain.states import PLANNABLE, FeatureStatus
from services.roadmap.models import (
    Allocation,
    Commitment,
    Feature,
    FeatureDependency,
    FeatureObjective,
    FeatureOutcome,
    FeatureRequirement,
    FeatureRuleMember,
    Handoff,
    ReleaseFeature,
    Risk,
    RoadmapItem,
    Subscription,
)

LOCK_DEPENDENCIES = text("SELECT pg_advisory_xact_lock(hashtextextended('feature_dependency:' || :workspace_id, 0))")

REFERRING: Mapping[Any, str] = {
    FeatureRuleMember: "a feature rule",
    ReleaseFeature: "a release",
    Commitment: "a commitment",
    Handoff: "a hand-off",
    Risk: "a risk",
    Allocation: "an allocation",
    Subscription: "a subscription",
}


class FeatureRepository(Repository[Feature]):
    """Features, each with its links, effects and outcomes."""

    model: ClassVar[Any] = Feature

    def rows(self) -> Select[Feature]:
        links = (
            Feature.requirements,
            Feature.objectives,
            Feature.needs,
            Feature.expected_effects,
            Feature.work_packages,
            Feature.outcomes,
        )
        return super().rows().options(*(selectinload(link) for link in links))

    def matching(
        self,
        *,
        status: FeatureStatus | None = None,
        requirement_id: UUID | None = None,
        objective_id: UUID | None = None,
        roadmap_id: UUID | None = None,
        product_id: UUID | None = None,
    ) -> Select[Feature]:
        """Features that fit every given filter."""
        query = self.rows()
        if status is not None:
            query = query.where(Feature.status == status)
        if product_id is not None:
            query = query.where(Feature.product_id == product_id)
        if requirement_id is not None:
            query = query.where(_linked(FeatureRequirement, requirement_id=requirement_id))
        if objective_id is not None:
            query = query.where(_linked(FeatureObjective, objective_id=objective_id))
        if roadmap_id is not None:
            query = query.where(_linked(RoadmapItem, roadmap_id=roadmap_id))
        return query

    async def following(self, after: UUID | None, *, limit: int, is_shipped_only: bool) -> Sequence[Feature]:
        """The next features in the order of their ids."""
        query = self.rows().order_by(Feature.id).limit(limit)
        if after is not None:
            query = query.where(Feature.id > after)
        if is_shipped_only:
            query = query.where(Feature.shipped_at.is_not(None))
        return await self.all(query)

    async def dependencies(self) -> list[tuple[UUID, UUID]]:
        """Every dependency of the workspace, held still until the transaction ends."""
        await self.session.execute(LOCK_DEPENDENCIES, {"workspace_id": str(self.workspace_id)})
        link = FeatureDependency
        pairs = select(link.feature_id, link.needs_feature_id).where(link.workspace_id == self.workspace_id)
        return [(row[0], row[1]) for row in (await self.session.execute(pairs)).all()]

    async def titles(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """Titles of those that exist, without their links."""
        query = select(Feature.id, Feature.title).where(Feature.workspace_id == self.workspace_id, Feature.id.in_(ids))
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def is_needed(self, feature_id: UUID) -> bool:
        """Whether another feature needs it."""
        link = FeatureDependency
        return await self._any(
            exists().where(link.workspace_id == self.workspace_id, link.needs_feature_id == feature_id)
        )

    async def answering(self, requirement_ids: Collection[UUID]) -> Sequence[Feature]:
        """Open features that answer any of these requirements, by id."""
        answers = exists().where(
            FeatureRequirement.workspace_id == Feature.workspace_id,
            FeatureRequirement.feature_id == Feature.id,
            FeatureRequirement.requirement_id.in_(requirement_ids),
        )
        return await self.all(self.rows().where(Feature.status.in_(PLANNABLE), answers).order_by(Feature.id))

    async def hold(self, ids: Collection[UUID]) -> None:
        """Locks these features in the order of their ids."""
        rows = select(Feature.id).where(Feature.workspace_id == self.workspace_id, Feature.id.in_(ids))
        await self.session.execute(rows.order_by(Feature.id).with_for_update())

    async def referring(self, feature_id: UUID) -> str | None:
        """What else names it, in words; None: nothing does."""
        for model, noun in REFERRING.items():
            named = exists().where(model.workspace_id == self.workspace_id, model.feature_id == feature_id)
            if await self._any(named):
                return noun
        return None

    async def is_placed(self, feature_id: UUID) -> bool:
        """Whether it stands on a roadmap."""
        item = RoadmapItem
        return await self._any(exists().where(item.workspace_id == self.workspace_id, item.feature_id == feature_id))

    async def _any(self, condition: Any) -> bool:
        return bool(await self.session.scalar(select(condition)))


class FeatureOutcomeRepository(Repository[FeatureOutcome]):
    """What metrics found about features."""

    model: ClassVar[Any] = FeatureOutcome

    async def forget(self, sweep: Sweep) -> None:
        """Removes what a snapshot no longer brought."""
        outcome = FeatureOutcome
        await self.session.execute(
            delete(outcome).where(outcome.workspace_id == self.workspace_id, sweep.is_unseen(outcome.id))
        )


def _linked(link: Any, **ends: UUID) -> Any:
    (name, end), *_ = ends.items()
    return exists().where(
        link.workspace_id == Feature.workspace_id, link.feature_id == Feature.id, getattr(link, name) == end
    )
