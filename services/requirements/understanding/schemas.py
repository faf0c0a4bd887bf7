"""What callers send and see of labels."""

from typing import Annotated, Any, Literal, Self, cast
from uuid import UUID

from pydantic import Field, StringConstraints

from services.chassis.types import Patch, Reading, Resource, Timestamp, omitted
from services.requirements.models import Understanding

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(examples=["en"])]
Kind = Literal["bug", "request", "praise", "question"]
Sentiment = Literal["positive", "neutral", "negative"]
SpamStatus = Literal["clear", "quarantined", "released"]


class LabelRead(Reading):
    """One label and where it comes from."""

    value: str | None = Field(description="What a person said, else what the model says; null: it is not sure.")
    probability: float = Field(description="Of what the model finds likeliest, whatever a person said.")
    predicted: str | None = Field(description="What the model says.")
    model: str = Field(description="The model and its version.")
    is_corrected: bool


class UnderstandingRead(Resource):
    """What a piece of feedback is; its id is the feedback's."""

    id: UUID = Field(description="The id of the feedback.")
    language: LabelRead
    kind: LabelRead
    sentiment: LabelRead
    spam_probability: float
    spam_model: str
    spam_status: SpamStatus = Field(description="While quarantined it takes part in nothing: no theme, no suggestion.")
    repeat_key: str = Field(description="The same for texts that differ only in case, spacing and punctuation.")
    corrected_by: str | None
    corrected_at: Timestamp | None

    @classmethod
    def of(cls, row: Understanding) -> Self:
        return cls(
            id=row.id,
            etag=row.etag,
            created_at=row.created_at,
            updated_at=row.updated_at,
            spam_probability=row.spam_probability,
            spam_model=row.models["spam"],
            spam_status=cast("SpamStatus", row.spam_status),
            repeat_key=row.text_digest,
            corrected_by=row.corrected_by,
            corrected_at=row.corrected_at,
            **{name: _label(row, name) for name in ("language", "kind", "sentiment")},
        )


def _label(row: Understanding, name: str) -> Any:
    predicted, said = getattr(row, name), row.corrected.get(name)
    return LabelRead(
        value=said if said is not None else predicted,
        probability=getattr(row, f"{name}_probability"),
        predicted=predicted,
        model=row.models[name],
        is_corrected=said is not None,
    )


class UnderstandingUpdate(Patch):
    """What a person says it is; null takes a correction back."""

    language: LanguageCode | None = omitted()
    kind: Kind | None = omitted()
    sentiment: Sentiment | None = omitted()
