"""What callers send and see of feedback."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.chassis.types import (
    Body,
    ExternalId,
    Label,
    LongText,
    Metadata,
    MetadataPatch,
    Patch,
    Reading,
    Real,
    Remark,
    Resource,
    Text,
    Timestamp,
    Title,
    WebUrl,
    empty,
    omitted,
)
from services.requirements.customers.schemas import CompanyReference, ContactReference
from services.requirements.fields.schemas import ChangedValues, Values

SearchWords = Annotated[Text, StringConstraints(max_length=500)]

COMPONENTS = "#/components/schemas/{model}"

Channel = Literal[
    "support",
    "sales",
    "interview",
    "survey",
    "app_review",
    "community",
    "internal_stakeholder",
    "market_research",
    "competitor_analysis",
    "usage_analytics",
]
Purpose = Literal["follow_up", "quote", "research"]
Importance = Annotated[
    int, Field(strict=True, ge=0, le=3, description="How much it matters to them: 0 not, 1 nice, 2 important, 3 vital.")
]
ProductArea = Annotated[Label, Field(examples=["exports"])]


class Rating(Body):
    """How many points they gave, of how many."""

    value: Annotated[Real, Field(ge=0, le=100)]
    best: Annotated[Real, Field(ge=1, le=100)] = 5

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.value > self.best:
            raise ValueError("the value is at most the best one")
        return self


class Attachment(Body):
    """Something that belongs to it and is kept elsewhere."""

    url: WebUrl
    name: Title | None = None
    media_type: Annotated[str, StringConstraints(max_length=127, pattern=r"^[\w.+-]+/[\w.+-]+$")] | None = None


class Consent(Body):
    """What they have agreed to."""

    purposes: Annotated[list[Purpose], Field(max_length=3)] = Field(
        description="`follow_up`: be told what came of it; `quote`: be quoted; `research`: be asked more."
    )
    given_at: Timestamp | None = None
    wording: Remark | None = Field(default=None, description="What they were asked.")


class FeedbackContent(Body):
    """What was said, by whom and when."""

    text: LongText = Field(description="The customer's own words, in any language.")
    title: Title | None = None
    occurred_at: Timestamp | None = Field(default=None, description="When it was said; now, if you do not say.")
    contact: ContactReference | None = Field(default=None, description="Who said it.")
    company: CompanyReference | None = Field(default=None, description="On whose behalf.")
    author: ContactReference | None = Field(
        default=None, description="Who wrote it down on behalf of the contact, when they did not write themselves."
    )
    channel: Channel | None = Field(default=None, description="The way it came, whatever system it came from.")
    source_url: WebUrl | None = Field(default=None, description="Where it can be read in the system it comes from.")
    product_area: ProductArea | None = Field(default=None, description="The part of the product that it is about.")
    importance: Importance | None = None
    rating: Rating | None = None
    attachments: Annotated[list[Attachment], Field(max_length=20)] = empty(list)
    custom_fields: Values = empty(dict, description="Values of the fields that your workspace has declared.")
    consent: Consent | None = None
    metadata: Metadata = empty(dict)


class FeedbackCreate(FeedbackContent):
    """A piece of feedback from some source."""

    source: Label = Field(default="api", description="The system it comes from.", examples=["zendesk"])
    external_id: ExternalId | None = Field(default=None, description="Your own id for it, unique within `source`.")


class FeedbackUpdate(Patch):
    """What may be corrected of a piece of feedback; who said it and where it came from stay."""

    text: LongText = omitted()
    title: Title | None = omitted()
    occurred_at: Timestamp = omitted()
    channel: Channel | None = omitted()
    source_url: WebUrl | None = omitted()
    product_area: ProductArea | None = omitted()
    importance: Importance | None = omitted()
    rating: Rating | None = omitted()
    attachments: Annotated[list[Attachment], Field(max_length=20)] = omitted()
    custom_fields: ChangedValues = Field(default_factory=dict, description="Null takes a value away; others stay.")
    consent: Consent | None = omitted()
    metadata: MetadataPatch = omitted()


class FeedbackRead(Resource):
    """A piece of feedback."""

    text: str
    title: str | None
    source: str
    external_id: str | None
    occurred_at: Timestamp
    contact_id: UUID | None
    company_id: UUID | None
    author_id: UUID | None
    channel: Channel | None
    source_url: str | None
    product_area: str | None
    importance: Importance | None
    rating: Rating | None
    attachments: list[Attachment]
    custom_fields: Values
    consent: Consent | None
    metadata: Metadata = Field(validation_alias="attributes")


class SimilarFeedback(Reading):
    """Feedback that means something alike."""

    feedback_id: UUID
    similarity: float = Field(description="The cosine of the two meanings, from -1 to 1.")
    text: str


def inline_schema(model: type[Body]) -> dict[str, Any]:
    """A body's schema for routes that read their body themselves; nested models are components."""
    schema = model.model_json_schema(ref_template=COMPONENTS)
    schema.pop("$defs", None)
    return schema
