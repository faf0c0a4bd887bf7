"""What callers send and see of requirements and their evidence."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Metadata, Patch, Prose, Real, Resource, Title, omitted
from services.requirements.domain.scoring import LEAST_EFFORT, Range
from services.requirements.domain.states import RequirementStatus

MOST_EVIDENCE = 50
Amount = Annotated[Real, Field(ge=0, le=1e12)]
Strength = Annotated[int, Field(strict=True, ge=0, le=3, description="0: none, 1: weak, 2: clear, 3: compelling.")]


class Estimate(Body):
    """A number with its honesty: at least, most likely, at most. A bare number means that you are sure."""

    low: Amount
    likely: Amount
    high: Amount

    @model_validator(mode="before")
    @classmethod
    def _from_a_number(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"low": value, "likely": value, "high": value}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low, likely and high must rise")
        return self

    def as_range(self) -> Range:
        return Range(self.low, self.likely, self.high)


class Estimates(Body):
    """What the requirement is estimated at; each as a range or as one number."""

    reach: Estimate | None = Field(default=None, description="Customers concerned per quarter.")
    impact: Estimate | None = Field(
        default=None, description="For each of them: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal."
    )
    confidence: Estimate | None = Field(default=None, description="From 0 to 1.")
    effort: Estimate | None = Field(default=None, description="Person-months.")

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        if self.impact is not None and self.impact.high > 3:
            raise ValueError("impact is at most 3")
        if self.confidence is not None and self.confidence.high > 1:
            raise ValueError("confidence is at most 1")
        if self.effort is not None and not LEAST_EFFORT <= self.effort.low <= self.effort.high <= 1e6:
            raise ValueError(f"effort is at least {LEAST_EFFORT} and at most 1,000,000")
        return self


class EvidenceCreate(Body):
    """A customer's words, as they stand in a piece of feedback."""

    feedback_id: UUID
    quote: Annotated[str, Field(min_length=1, max_length=5_000, description="Exactly as it stands there.")]
    start: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = Field(
        default=None, description="The offset of its first character; needed only when the words stand there twice."
    )
    strength: Strength = 1


class RequirementCreate(Body):
    """A need, by itself or from a theme."""

    title: Title | None = Field(default=None, description="Needed unless a theme is named, which then lends its name.")
    problem: Prose = Field(default="", description="What hurts, for whom, and when.")
    theme_id: UUID | None = None
    estimates: Estimates = Estimates()
    evidence: Annotated[list[EvidenceCreate], Field(max_length=MOST_EVIDENCE)] = []
    quotes_from_theme: Annotated[int, Field(strict=True, ge=0, le=20)] = Field(
        default=3, description="With a theme: how many of its most typical pieces to quote as evidence."
    )
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.title is None and self.theme_id is None:
            raise ValueError("give it a title, or the theme it comes from")
        return self


class EstimatesUpdate(Patch):
    """Estimates to change; null takes one away."""

    reach: Estimate | None = omitted()
    impact: Estimate | None = omitted()
    confidence: Estimate | None = omitted()
    effort: Estimate | None = omitted()


class RequirementUpdate(Patch):
    """What may change by hand; the status changes by transitions."""

    title: Title = omitted()
    problem: Prose = omitted()
    theme_id: UUID | None = omitted()
    estimates: EstimatesUpdate = omitted()
    metadata: Metadata = omitted()


class RequirementTransitionCreate(Body):
    """A step in the life of a requirement."""

    to: RequirementStatus
    reason: Annotated[str, Field(min_length=1, max_length=2_000)] | None = Field(
        default=None, description="Why; needed to decline."
    )


class RequirementRead(Resource):
    """A need worth answering."""

    title: str
    problem: str
    status: RequirementStatus
    status_reason: str | None
    theme_id: UUID | None
    estimates: Estimates
    evidence_count: int
    metadata: Metadata = Field(validation_alias="attributes")


class EvidenceRead(Resource):
    """A quote and where it stands."""

    requirement_id: UUID
    feedback_id: UUID
    quote: str
    start: int = Field(validation_alias="start_offset", description="Offset of the first character in the feedback.")
    end: int = Field(validation_alias="end_offset", description="Offset behind the last character.")
    strength: Strength
    judged_by: str
