"""What callers send and see of needs and pain points."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import (
    Body,
    Metadata,
    MetadataPatch,
    Money,
    Patch,
    Prose,
    Reading,
    Resource,
    Timestamp,
    Title,
    Whole,
    omitted,
)

NeedKind = Literal["functional", "emotional", "social"]
Frequency = Literal["daily", "weekly", "monthly", "rarely"]
Links = Annotated[list[UUID], Field(max_length=100)]
Scale = Annotated[Whole, Field(ge=1, le=10)]
Severity = Annotated[Whole, Field(ge=1, le=5)]


class NeedCreate(Body):
    title: Title = Field(description="What they want to get done, in their terms.")
    description: Prose = ""
    kind: NeedKind = "functional"
    importance: Scale | None = Field(default=None, description="How much it matters to them, 1 to 10.")
    satisfaction: Scale | None = Field(default=None, description="How well they get it done today, 1 to 10.")
    persona_ids: Links = Field(default=[], description="Who has it.")
    market_segment_ids: Links = Field(default=[], description="Where it is found.")
    theme_ids: Links = Field(
        default=[], description="Themes of customers' words that show it; requirements keeps them."
    )
    company_ids: Links = Field(default=[], description="Companies that have it; requirements keeps them.")
    revenue: Money | None = Field(default=None, description="The yearly revenue of those who have it.")
    metadata: Metadata = {}


class NeedUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    kind: NeedKind = omitted()
    importance: Scale | None = None
    satisfaction: Scale | None = None
    persona_ids: Links = omitted()
    market_segment_ids: Links = omitted()
    theme_ids: Links = omitted()
    company_ids: Links = omitted()
    revenue: Money | None = None
    metadata: MetadataPatch = omitted()


class NeedRead(Resource):
    title: str
    description: str
    kind: NeedKind
    importance: int | None
    satisfaction: int | None
    opportunity: int | None = Field(
        description="importance + max(0, importance - satisfaction), 1 to 19: above 15 is a clear chance (Ulwick)."
    )
    persona_ids: list[UUID]
    market_segment_ids: list[UUID]
    theme_ids: list[UUID]
    company_ids: list[UUID]
    revenue: Money | None
    metadata: dict[str, str] = Field(validation_alias="attributes")


class ThemeBehind(Reading):
    """A theme as requirements tells of it."""

    id: UUID
    name: str | None = Field(description="Null when requirements cannot be asked: customers' words are kept there.")
    size: int = Field(description="How many pieces of feedback belong to it.")
    quote: str | None


class SegmentBehind(Reading):
    id: UUID
    name: str
    size: int | None
    size_unit: str | None
    annual_value: Money | None
    source: str | None


class NeedGrounds(Reading):
    """What a need rests on, as it is now."""

    need_id: UUID
    themes: list[ThemeBehind] | None = Field(
        description="Those that it and its pain points cite; null when you may not read requirements."
    )
    themes_as_of: Timestamp | None = Field(
        description="Now; while requirements cannot be asked, when the roadmap last heard of the theme that has been "
        "quiet for longest."
    )
    feedback_count: int | None = Field(description="Pieces of feedback in these themes.")
    market_segments: list[SegmentBehind]
    companies: int = Field(description="How many companies are named.")
    revenue: Money | None = Field(description="As whoever wrote the need states it.")
    revenue_of_companies: list[Money] | None = Field(
        description="What the named companies pay in a year as of today, by currency, as requirements knows it; null "
        "when it cannot be asked, or not by you."
    )


class PainPointCreate(Body):
    need_id: UUID
    title: Title
    description: Prose = ""
    severity: Severity | None = Field(default=None, description="How much it hurts, 1 to 5.")
    frequency: Frequency | None = None
    requirement_ids: Links = Field(default=[], description="Requirements that would end it.")
    theme_ids: Links = Field(default=[], description="Themes in which customers tell of it.")
    metadata: Metadata = {}


class PainPointUpdate(Patch):
    need_id: UUID = omitted()
    title: Title = omitted()
    description: Prose = omitted()
    severity: Severity | None = None
    frequency: Frequency | None = None
    requirement_ids: Links = omitted()
    theme_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class PainPointRead(Resource):
    need_id: UUID
    title: str
    description: str
    severity: int | None
    frequency: Frequency | None
    requirement_ids: list[UUID]
    theme_ids: list[UUID]
    metadata: dict[str, str] = Field(validation_alias="attributes")
