"""What callers send and see of requirements and their evidence."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import (
    Body,
    Label,
    Metadata,
    MetadataPatch,
    Patch,
    Prose,
    Reading,
    Remark,
    Resource,
    Timestamp,
    Title,
    omitted,
)
from services.requirements.backlog.estimating import Estimates, EstimatesUpdate
from services.requirements.domain.states import RequirementStatus
from services.requirements.fields.schemas import ChangedValues, Values

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


RequirementKind = Literal["feature", "improvement", "bug", "quality", "constraint", "research"]
Criteria = Annotated[list[Remark], Field(max_length=50, description="It is done when all of these hold.")]


class ObjectiveLink(Body):
    """An objective that it serves, and how much."""

    objective_id: UUID
    alignment: Annotated[int, Field(strict=True, ge=0, le=3)] = Field(
        default=1, description="0: hardly, 1: a little, 2: clearly, 3: it is the point of it."
    )


def _each_once(links: list[ObjectiveLink]) -> list[ObjectiveLink]:
    if len({link.objective_id for link in links}) < len(links):
        raise ValueError("name each objective once")
    return links


ObjectiveLinks = Annotated[list[ObjectiveLink], Field(max_length=20), AfterValidator(_each_once)]


class RequirementCreate(Body):
    """A need, by itself or from a theme."""

    title: Title | None = Field(default=None, description="Needed unless a theme is named, which then lends its name.")
    problem: Prose = Field(default="", description="What hurts, for whom, and when.")
    theme_id: UUID | None = None
    kind: RequirementKind = "feature"
    owner: Label | None = Field(default=None, description="Who sees to it, as your team calls them.")
    product_area: Label | None = None
    acceptance_criteria: Criteria = []
    persona_id: UUID | None = Field(default=None, description="Whom it is for: a persona of the roadmap.")
    need_id: UUID | None = Field(default=None, description="Which need of the roadmap it answers.")
    objectives: ObjectiveLinks = []
    custom_fields: Values = Field(default={}, description="Values of the fields that your workspace has declared.")
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
    kind: RequirementKind = omitted()
    owner: Label | None = omitted()
    product_area: Label | None = omitted()
    acceptance_criteria: Criteria = omitted()
    persona_id: UUID | None = omitted()
    need_id: UUID | None = omitted()
    objectives: ObjectiveLinks = omitted()
    custom_fields: ChangedValues = Field(default_factory=dict, description="Null takes a value away; others stay.")
    estimates: EstimatesUpdate = omitted()
    metadata: MetadataPatch = omitted()


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
    kind: RequirementKind
    owner: str | None
    product_area: str | None
    acceptance_criteria: list[str]
    persona_id: UUID | None
    need_id: UUID | None
    objectives: list[ObjectiveLink]
    custom_fields: Values
    estimates: Estimates
    evidence_count: int
    metadata: Metadata = Field(validation_alias="attributes")


class RequirementRevisionRead(Reading):
    """A version as it stood."""

    version: int
    change: str = Field(description="The event that tells of it.", examples=["requirement.status_changed"])
    changed_by: str
    at: Timestamp
    requirement: RequirementRead


class RequirementHistoryRead(Reading):
    """Versions, newest first."""

    revisions: list[RequirementRevisionRead]
    next_before: int | None = Field(description="Send it as `before` for older ones; null at the first.")


class AccountEvidenceRead(Reading):
    """What the people of one company say for it."""

    company_id: UUID | None = Field(description="Null: people of no known company, together.")
    quotes: int
    strength: int = Field(description="The sum of the quotes' strengths.")
    contacts: int


class AccountsRead(Reading):
    """Evidence by account, the strongest voices first; at most 200."""

    requirement_id: UUID
    accounts: list[AccountEvidenceRead]


class EvidenceRead(Resource):
    """A quote and where it stands."""

    requirement_id: UUID
    feedback_id: UUID
    quote: str
    start: int = Field(validation_alias="start_offset", description="Offset of the first character in the feedback.")
    end: int = Field(validation_alias="end_offset", description="Offset behind the last character.")
    strength: Strength
    judged_by: str
