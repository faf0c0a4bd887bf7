"""The only SQL about decisions."""

from collections.abc import Collection
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.models import (
    Capability,
    Citation,
    Competitor,
    Decision,
    Differentiator,
    Feature,
    FeatureOutcome,
    Initiative,
    Need,
    Objective,
    Optimization,
    PainPoint,
    Persona,
    Vision,
)

OWN = {
    "outcome": FeatureOutcome,
    "objective": Objective,
    "feature": Feature,
    "optimization": Optimization,
    "vision": Vision,
    "need": Need,
    "pain_point": PainPoint,
    "persona": Persona,
    "differentiator": Differentiator,
    "competitor": Competitor,
    "capability": Capability,
    "initiative": Initiative,
}


class DecisionRepository(Repository[Decision]):
    """Decisions, each with what it cites."""

    model: ClassVar[Any] = Decision

    def rows(self) -> Select[Decision]:
        return super().rows().options(selectinload(Decision.cites))

    def citing(self, cited_id: UUID | None) -> Select[Decision]:
        """Decisions that rest on this; every decision when nothing is named."""
        if cited_id is None:
            return self.rows()
        link = exists().where(
            Citation.workspace_id == Decision.workspace_id,
            Citation.decision_id == Decision.id,
            Citation.cited_id == cited_id,
        )
        return self.rows().where(link)

    async def known(self, kind: str, ids: Collection[UUID]) -> set[UUID]:
        """Those of the roadmap's own things that exist."""
        model: Any = OWN[kind]
        query = select(model.id).where(model.workspace_id == self.workspace_id, model.id.in_(ids))
        return set((await self.session.scalars(query)).all())
