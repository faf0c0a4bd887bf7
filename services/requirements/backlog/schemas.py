"""What callers send and see of requirements and their evidence."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Metadata, Patch, Prose, Resource, Title, omitted
from services.requirements.backlog.estimating import Estimates, EstimatesUpdate
from services.requirements.domain.states import RequirementStatus

MOST_EVIDENCE = 50
Strength = Annotated[int, Field(strict=True, ge=0, le=3, description="0: none, 1: weak, 2: clear, 3: compelling.")]


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
    merged_into_id: UUID | None = Field(description="The requirement that asks the same and took its quotes over.")
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
