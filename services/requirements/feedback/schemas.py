"""What callers send and see of feedback."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.chassis.types import (
    Body,
    ExternalId,
    Label,
    LongText,
    Metadata,
    Patch,
    Reading,
    Resource,
    Text,
    Timestamp,
    Title,
    omitted,
)
from services.requirements.customers.schemas import CompanyReference, ContactReference

SearchWords = Annotated[Text, StringConstraints(max_length=500)]

COMPONENTS = "#/components/schemas/{model}"


class FeedbackContent(Body):
    """What was said, by whom and when."""

    text: LongText = Field(description="The customer's own words, in any language.")
    title: Title | None = None
    occurred_at: Timestamp | None = Field(default=None, description="When it was said; now, if you do not say.")
    contact: ContactReference | None = Field(default=None, description="Who said it.")
    company: CompanyReference | None = Field(default=None, description="On whose behalf.")
    metadata: Metadata = {}


class FeedbackCreate(FeedbackContent):
    """A piece of feedback from some source."""

    source: Label = Field(default="api", description="The system it comes from.", examples=["zendesk"])
    external_id: ExternalId | None = Field(default=None, description="Your own id for it, unique within `source`.")


class FeedbackUpdate(Patch):
    """What may be corrected of a piece of feedback; who said it and where it came from stay."""

    text: LongText = omitted()
    title: Title | None = omitted()
    occurred_at: Timestamp = omitted()
    metadata: Metadata = omitted()


class FeedbackRead(Resource):
    """A piece of feedback."""

    text: str
    title: str | None
    source: str
    external_id: str | None
    occurred_at: Timestamp
    contact_id: UUID | None
    company_id: UUID | None
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
