"""What callers send and see of templates."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.chassis.types import Body, Patch, Prose, Reading, Resource, Text, omitted
from services.requirements.domain.following_up import GAPS, FollowUpEvent
from services.requirements.domain.templates import fault_of


def _fillable(template: str) -> str:
    if (fault := fault_of(template, known=GAPS)) is not None:
        raise ValueError(fault)
    return template


TOLD = "; ".join(f"`{{{name}}}`: {meaning}" for name, meaning in GAPS.items())
Subject = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]+$"),
    AfterValidator(_fillable),
]
Letter = Annotated[Prose, StringConstraints(min_length=1, max_length=5_000), AfterValidator(_fillable)]


class FollowUpTemplateCreate(Body):
    """How people are told of one kind of event."""

    event: FollowUpEvent
    subject: Subject = Field(description=f"One line with gaps. {TOLD}.")
    body: Letter = Field(description="Plain text with the same gaps; a line whose gaps are all empty is left out.")


class FollowUpTemplateUpdate(Patch):
    """What is to be said otherwise."""

    subject: Subject = omitted()
    body: Letter = omitted()


class FollowUpTemplateRead(Resource):
    """A workspace's own words for one kind of event."""

    event: FollowUpEvent
    subject: str
    body: str


class FollowUpPreview(Body):
    """A message to be looked at before anybody gets it."""

    event: FollowUpEvent
    subject: Subject | None = Field(default=None, description="The one in force unless given.")
    body: Letter | None = Field(default=None, description="The one in force unless given.")
    quote: Annotated[Text, Field(max_length=2_000)] = "The export stops half-way, and I copy the rest by hand."
    title: Annotated[Text, Field(max_length=200)] = "A year of invoices can be exported in one go"
    reason: Annotated[Text, Field(max_length=2_000)] | None = None
    verdict: Annotated[str, Field(pattern="^(improved|worse|no_effect|inconclusive)$")] | None = None

    @model_validator(mode="after")
    def _says_what_came_of_it(self) -> Self:
        if self.verdict is not None and self.event is not FollowUpEvent.MEASURED:
            raise ValueError("only what was measured has a verdict")
        return self


class FollowUpPreviewRead(Reading):
    """The message as somebody would read it, without the link by which they leave."""

    subject: str
    body: str
    is_default: bool = Field(description="Whether nothing of it is the workspace's own.")
    subject_template: str
    body_template: str
