"""The only SQL about the links that a trace follows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.roadmap.models import (
    Citation,
    Decision,
    Differentiator,
    ExpectedEffect,
    Feature,
    FeatureObjective,
    FeatureOutcome,
    FeatureRequirement,
    Initiative,
    KeyResult,
    LaunchPackage,
    MarketSegment,
    Need,
    Objective,
    PainPoint,
    Persona,
    Release,
    ReleaseFeature,
    RoadmapChange,
    StrategyLink,
    Vision,
)

Pairs = Sequence[Any]

TOLD: dict[str, tuple[Any, Any]] = {
    "market_segment": (MarketSegment, MarketSegment.name),
    "persona": (Persona, Persona.name),
    "need": (Need, Need.title),
    "pain_point": (PainPoint, PainPoint.title),
    "differentiator": (Differentiator, Differentiator.title),
    "vision": (Vision, Vision.statement),
    "initiative": (Initiative, Initiative.title),
}
"""What of the strategy belongs to a chain, with the column that names it."""


class TraceRepository:
    """Each question is one query, however many ids it is about."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.workspace_id: UUID = session.info["workspace_id"]

    async def features(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        columns = (Feature.id, Feature.title, Feature.status, Feature.value, Feature.effort_days, Feature.shipped_at)
        return await self._all(columns, Feature, Feature.id.in_(ids))

    async def objectives(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        columns = (Objective.id, Objective.title, Objective.status, Objective.due_on)
        return await self._all(columns, Objective, Objective.id.in_(ids))

    async def key_results(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        """Those asked for, and those of the objectives asked for."""
        columns = (
            KeyResult.id,
            KeyResult.objective_id,
            KeyResult.title,
            KeyResult.start_value,
            KeyResult.target_value,
            KeyResult.current_value,
        )
        return await self._all(columns, KeyResult, or_(KeyResult.id.in_(ids), KeyResult.objective_id.in_(ids)))

    async def requirements_of_features(self, ids: Sequence[UUID]) -> Pairs:
        return await self._pairs(
            FeatureRequirement, FeatureRequirement.requirement_id, FeatureRequirement.feature_id, ids
        )

    async def objectives_of_features(self, ids: Sequence[UUID]) -> Pairs:
        return await self._pairs(FeatureObjective, FeatureObjective.objective_id, FeatureObjective.feature_id, ids)

    async def outcomes_of_features(self, ids: Sequence[UUID]) -> Pairs:
        return await self._pairs(FeatureOutcome, FeatureOutcome.feature_id, FeatureOutcome.id, ids)

    async def of_the_strategy(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        """Id, kind and name of what is named here among these."""
        named = [
            select(model.id, literal(kind).label("kind"), name.label("name")).where(
                model.workspace_id == self.workspace_id, model.id.in_(ids)
            )
            for kind, (model, name) in TOLD.items()
        ]
        return (await self.session.execute(union_all(*named))).all()

    async def strategy_links(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        """Links of the strategy that touch these."""
        link = StrategyLink
        columns = (link.source_id, link.source_kind, link.target_id, link.target_kind)
        return await self._all(columns, link, or_(link.source_id.in_(ids), link.target_id.in_(ids)))

    async def pains_of_needs(self, ids: Sequence[UUID]) -> Pairs:
        return await self._pairs(PainPoint, PainPoint.need_id, PainPoint.id, ids)

    async def decisions(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        columns = (Decision.id, Decision.title, Decision.decided_at, Decision.superseded_by_id)
        return await self._all(columns, Decision, Decision.id.in_(ids))

    async def grounds_of_decisions(self, ids: Sequence[UUID]) -> Pairs:
        return await self._pairs(Citation, Citation.cited_id, Citation.decision_id, ids)

    async def features_of_decisions(self, ids: Sequence[UUID]) -> Pairs:
        """What a decision changed on any roadmap."""
        change = RoadmapChange
        pairs = await self._pairs(change, change.decision_id, change.feature_id, ids)
        return sorted({(row[0], row[1]) for row in pairs if row[0] is not None})

    async def releases(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        columns = (Release.id, Release.name, Release.status, Release.target_on, Release.launched_at)
        return await self._all(columns, Release, Release.id.in_(ids))

    async def launch_packages(self, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        """Those asked for, and those of the releases asked for."""
        package = LaunchPackage
        columns = (package.id, package.release_id, package.title, package.function, package.status, package.done_at)
        return await self._all(columns, package, or_(package.id.in_(ids), package.release_id.in_(ids)))

    async def releases_of_features(self, ids: Sequence[UUID]) -> Pairs:
        return await self._pairs(ReleaseFeature, ReleaseFeature.feature_id, ReleaseFeature.release_id, ids)

    async def key_results_of_features(self, ids: Sequence[UUID]) -> Pairs:
        """A feature works on a key result when it serves the objective and should move the KPI."""
        query = (
            select(KeyResult.id, FeatureObjective.feature_id)
            .join(
                FeatureObjective,
                and_(
                    FeatureObjective.workspace_id == KeyResult.workspace_id,
                    FeatureObjective.objective_id == KeyResult.objective_id,
                ),
            )
            .join(
                ExpectedEffect,
                and_(
                    ExpectedEffect.workspace_id == KeyResult.workspace_id,
                    ExpectedEffect.feature_id == FeatureObjective.feature_id,
                    ExpectedEffect.kpi_id == KeyResult.kpi_id,
                ),
            )
            .where(
                KeyResult.workspace_id == self.workspace_id,
                or_(KeyResult.id.in_(ids), FeatureObjective.feature_id.in_(ids)),
            )
        )
        return (await self.session.execute(query)).all()

    async def _pairs(self, table: Any, source: Any, target: Any, ids: Sequence[UUID]) -> Pairs:
        return await self._all((source, target), table, or_(source.in_(ids), target.in_(ids)))

    async def _all(self, columns: Sequence[Any], table: Any, condition: Any) -> Sequence[Row[Any]]:
        query = select(*columns).where(table.workspace_id == self.workspace_id, condition)
        return (await self.session.execute(query)).all()
