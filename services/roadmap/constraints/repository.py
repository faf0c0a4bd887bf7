"""The only SQL about constraints and the plan that should keep them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from services.roadmap.domain.exchange import Exchange
from services.roadmap.exchange_rates.repository import ExchangeRateRepository
from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import Constraint, Feature, FeatureObjective, RoadmapItem, StrategyLink

IN_HAND = ("planned", "in_progress", "on_hold")
GONE = ("dropped", "retired")


@dataclass(frozen=True)
class Planned:
    """A feature as a constraint looks at it."""

    id: UUID
    product_id: UUID | None
    status: str
    effort_days: float
    cost_minor: int | None
    currency: str | None
    value: float
    shipped_on: date | None


@dataclass(frozen=True)
class Plan:
    """All features that are not given up, where they are placed, and what they belong to."""

    features: dict[UUID, Planned]
    ends: dict[UUID, dict[UUID, date | None]]
    """By feature and roadmap: when it is done there."""
    of_initiatives: dict[UUID, set[UUID]]
    of_objectives: dict[UUID, set[UUID]]
    exchange: Exchange


class ConstraintRepository(LinkedRepository[Constraint]):
    """Constraints."""

    model: ClassVar[Any] = Constraint

    async def every(self) -> Sequence[Constraint]:
        return await self.all(self.rows().order_by(Constraint.id))

    async def plan(self) -> Plan:
        """The plan as it stands, in five queries."""
        feature, item, link, served = Feature, RoadmapItem, StrategyLink, FeatureObjective
        features = select(
            feature.id,
            feature.product_id,
            feature.status,
            feature.effort_days,
            feature.cost_minor,
            feature.currency,
            feature.value,
            feature.shipped_at,
        ).where(feature.workspace_id == self.workspace_id, feature.status.not_in(GONE))
        ends: defaultdict[UUID, dict[UUID, date | None]] = defaultdict(dict)
        placed = select(item.feature_id, item.roadmap_id, item.ends_on).where(item.workspace_id == self.workspace_id)
        for feature_id, roadmap_id, ends_on in (await self.session.execute(placed)).all():
            ends[feature_id][roadmap_id] = ends_on
        carried = select(link.source_id, link.target_id).where(
            link.workspace_id == self.workspace_id,
            link.source_kind == "initiative",
            link.target_kind == "feature",
        )
        serving = select(served.objective_id, served.feature_id).where(served.workspace_id == self.workspace_id)
        return Plan(
            features={
                row.id: Planned(*row[:-1], shipped_on=row.shipped_at.date() if row.shipped_at else None)
                for row in (await self.session.execute(features)).all()
            },
            ends=ends,
            of_initiatives=await self._sets(carried),
            of_objectives=await self._sets(serving),
            exchange=await ExchangeRateRepository(self.session).exchange(),
        )

    async def _sets(self, query: Any) -> dict[UUID, set[UUID]]:
        found: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for owner, feature_id in (await self.session.execute(query)).all():
            found[owner].add(feature_id)
        return found
