"""What callers see of the strategy as a whole."""

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from services.chassis.types import Money, Reading, Timestamp
from services.roadmap.domain.coverage import BrokenAt, Flaw, Lack

Gap = TypeVar("Gap", bound=Reading)


class Gaps(BaseModel, Generic[Gap]):
    """Everything that is wrong in one way; `count` also counts what `limit` left out."""

    count: int
    items: list[Gap]


class UncoveredNeed(Reading):
    need_id: UUID
    title: str
    broken_at: BrokenAt = Field(description="The first link that is missing between the need and a feature.")
    opportunity: int | None
    revenue: Money | None


class NeedlessFeature(Reading):
    feature_id: UUID
    title: str
    status: str
    lacks: Lack = Field(description="It answers no requirement, or none that a pain point asks for.")


class UnsupportedDifferentiator(Reading):
    differentiator_id: UUID
    title: str
    flaw: Flaw


class LackingObjective(Reading):
    objective_id: UUID
    title: str


class CoverageRead(Reading):
    as_of: Timestamp
    needs: int = Field(description="How many needs there are.")
    needs_covered: int = Field(description="How many of them a feature answers that is neither dropped nor retired.")
    needs_without_features: Gaps[UncoveredNeed]
    features_without_need: Gaps[NeedlessFeature]
    differentiators_unsupported: Gaps[UnsupportedDifferentiator]
    objectives_without_features: Gaps[LackingObjective]
