"""What callers see of the strategy as a whole."""

from typing import Generic, Literal, TypeVar
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


class BrokenConstraint(Reading):
    kind: Literal["budget", "date", "share"] = Field(description="A budget line, or a constraint of that kind.")
    title: str
    constraint_id: UUID | None = None
    budget_id: UUID | None = None
    budget_line_id: UUID | None = None
    overrun: Money | None = Field(default=None, description="Of a budget line: by how much its forecast exceeds it.")
    days_late: int | None = Field(default=None, description="Of a date: how late the latest feature is.")
    missing_share: float | None = Field(default=None, description="Of a share: how far it is from the limit.")
    missing_amount: float | None = Field(
        default=None, description="Of a share: how much, in its measure, would have to change sides."
    )


class CoverageRead(Reading):
    as_of: Timestamp
    needs: int = Field(description="How many needs there are.")
    needs_covered: int = Field(description="How many of them a feature answers that is neither dropped nor retired.")
    needs_without_features: Gaps[UncoveredNeed]
    features_without_need: Gaps[NeedlessFeature]
    differentiators_unsupported: Gaps[UnsupportedDifferentiator]
    objectives_without_features: Gaps[LackingObjective]
    objectives_unfunded: Gaps[LackingObjective] = Field(
        description="No line of a budget that is not over pays for them, for an initiative of theirs or for a feature."
    )
    constraints_broken: Gaps[BrokenConstraint]
