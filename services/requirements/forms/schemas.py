"""What callers send and see of forms and votes."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.chassis.types import Body, Flag, Label, Patch, Reading, Remark, Resource, Text, Timestamp, Title, omitted
from services.requirements.customers.schemas import ContactReference, Email
from services.requirements.domain.form_fields import LONGEST_TEXT, ONCE, Asked, FormField
from services.requirements.feedback.schemas import Channel, ProductArea, Purpose

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Origin = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?$"),
    Field(description="Scheme, host and port, as a browser sends it.", examples=["https://www.example.com"]),
]
Origins = Annotated[list[Origin], Field(max_length=50, description="Pages that may send it; empty: any.")]
PerMinute = Annotated[
    int, Field(strict=True, ge=1, le=600, description="How many are taken in a minute, votes included.")
]
Answer = Annotated[Text, StringConstraints(max_length=LONGEST_TEXT)] | Annotated[int, Field(strict=True)]
Votable = Annotated[list[UUID], Field(max_length=200, description="Requirements and themes that may be voted for.")]


class FormFieldEntry(Body):
    """A field of a form."""

    name: FieldName
    label: Title
    asks: Asked = Field(description="`text` is what they have to say; `choice` and `line` go into metadata.")
    is_required: bool = Field(default=False, strict=True)
    choices: Annotated[list[Label], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _has_choices_where_needed(self) -> Self:
        if (self.asks is Asked.CHOICE) != bool(self.choices):
            raise ValueError("a choice has choices, and nothing else has")
        return self

    def field(self) -> FormField:
        return FormField(self.name, self.asks, self.is_required, tuple(self.choices))


def _require_one_place_each(fields: list[FormFieldEntry]) -> None:
    names = [each.name for each in fields]
    places = [each.asks for each in fields if each.asks in ONCE]
    if len(set(names)) < len(names) or len(set(places)) < len(places):
        raise ValueError("each name stands once, and so does each of text, title, email, name and rating")
    if not any(each.asks in {Asked.TEXT, Asked.TITLE} and each.is_required for each in fields):
        raise ValueError("one required field asks for the text or the title")


class IntakeFormCreate(Body):
    """A form for a web page."""

    name: Title
    questions: Annotated[list[FormFieldEntry], Field(min_length=1, max_length=30)]
    channel: Channel | None = None
    product_area: ProductArea | None = None
    consent_wording: Remark | None = Field(
        default=None, description="What they must agree to; nothing, if you leave it."
    )
    consent_purposes: Annotated[list[Purpose], Field(max_length=3)] = []
    allowed_origins: Origins = []
    max_per_minute: PerMinute = 60
    votable_ids: Votable = []
    is_open: Flag = True

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        _require_one_place_each(self.questions)
        if self.consent_purposes and self.consent_wording is None:
            raise ValueError("say what they agree to")
        return self


class IntakeFormUpdate(Patch):
    """What may change of a form."""

    name: Title = omitted()
    questions: Annotated[list[FormFieldEntry], Field(min_length=1, max_length=30)] = omitted()
    channel: Channel | None = omitted()
    product_area: ProductArea | None = omitted()
    consent_wording: Remark | None = omitted()
    consent_purposes: Annotated[list[Purpose], Field(max_length=3)] = omitted()
    allowed_origins: Origins = omitted()
    max_per_minute: PerMinute = omitted()
    votable_ids: Votable = omitted()
    is_open: Flag = omitted()

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        if "questions" in self.model_fields_set:
            _require_one_place_each(self.questions)
        return self


class IntakeFormRead(Resource):
    """A form for a web page."""

    name: str
    questions: list[FormFieldEntry]
    channel: Channel | None
    product_area: str | None
    consent_wording: str | None
    consent_purposes: list[Purpose]
    allowed_origins: list[str]
    max_per_minute: int
    votable_ids: list[UUID]
    is_open: bool


class FormSubmissionCreate(Body):
    """What somebody has filled in."""

    answers: Annotated[
        dict[
            FieldName, Annotated[Text, StringConstraints(max_length=LONGEST_TEXT)] | Annotated[int, Field(strict=True)]
        ],
        Field(max_length=30, description="By the names of the form's questions."),
    ]
    has_consented: Flag = False
    website: Annotated[Text, StringConstraints(max_length=500)] = Field(
        default="", description="Hide this field from people and leave it empty: what fills it in is a machine."
    )


class Subject(Body):
    """A requirement or a theme."""

    requirement_id: UUID | None = None
    theme_id: UUID | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.requirement_id is None) == (self.theme_id is None):
            raise ValueError("name a requirement or a theme, and not both")
        return self

    @property
    def subject_id(self) -> UUID:
        return self.requirement_id or self.theme_id or UUID(int=0)


class FormVoteCreate(Subject):
    """Somebody wants this: one of those that the form lets people vote for."""

    email: Email
    has_consented: Flag = False
    website: Annotated[Text, StringConstraints(max_length=500)] = Field(default="", description="See submissions.")


class Thanks(Reading):
    """It was received; a page needs to know no more, and everybody can read the key."""

    received_at: Timestamp


class VoteCreate(Subject):
    """Somebody wants a requirement or a theme."""

    contact: ContactReference


class VoteRead(Resource):
    """A vote."""

    requirement_id: UUID | None
    theme_id: UUID | None
    contact_id: UUID
