"""What callers send and see of studies."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Patch, Prose, Reading, Remark, Resource, Title, omitted

Method = Literal[
    "interview",
    "survey",
    "usability_test",
    "diary_study",
    "field_study",
    "card_sorting",
    "focus_group",
    "market_analysis",
    "competitor_analysis",
    "usage_analysis",
]


class StudyCreate(Body):
    """Market or user research."""

    title: Title
    question: Remark = Field(description="What you want to know.")
    method: Method
    starts_on: Day | None = None
    ends_on: Day | None = None
    conclusion: Prose = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_on is not None and self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("it ends no earlier than it starts")
        return self


class StudyUpdate(Patch):
    """What may change of a study."""

    title: Title = omitted()
    question: Remark = omitted()
    method: Method = omitted()
    starts_on: Day | None = omitted()
    ends_on: Day | None = omitted()
    conclusion: Prose = omitted()


class StudyRead(Resource):
    """Market or user research."""

    title: str
    question: str
    method: Method
    starts_on: Day | None
    ends_on: Day | None
    conclusion: str
    participants: int = Field(default=0, description="How many take part.")
    responses: int = Field(default=0, description="How much feedback has come in answer to it.")


class StudyParticipantCreate(Body):
    """Somebody who takes part."""

    contact_id: UUID


class StudyParticipantRead(Resource):
    """Somebody who takes part."""

    study_id: UUID
    contact_id: UUID


class FindingQuoteCreate(Body):
    """Words that stand in a piece of feedback."""

    feedback_id: UUID
    quote: Annotated[str, Field(min_length=1, max_length=5_000, description="Exactly as it stands there.")]
    start: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = Field(
        default=None, description="The offset of its first character; needed only when the words stand there twice."
    )


Quotes = Annotated[list[FindingQuoteCreate], Field(max_length=50)]


class FindingCreate(Body):
    """What was found."""

    statement: Remark
    quotes: Quotes = []


class FindingUpdate(Patch):
    """What may change of a finding; quotes replace those that were there."""

    statement: Remark = omitted()
    quotes: Quotes = omitted()


class FindingQuoteRead(Reading):
    """A quote and where it stands."""

    feedback_id: UUID
    quote: str
    start: int = Field(validation_alias="start_offset")
    end: int = Field(validation_alias="end_offset")


class FindingRead(Resource):
    """What was found, and the words that it rests on."""

    study_id: UUID
    statement: str
    quotes: list[FindingQuoteRead]
