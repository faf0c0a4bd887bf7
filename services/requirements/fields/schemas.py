"""What callers send and see of custom fields, and of values in them."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.chassis.types import Body, Flag, Label, Patch, Real, Remark, Resource, Text, omitted
from services.requirements.domain.custom_fields import FieldKind

MOST_VALUES = 50
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Subject = Annotated[Literal["feedback", "requirement"], Field(description="What the field belongs to.")]
Choices = Annotated[list[Label], Field(max_length=200, description="What a choice may be; for no other kind.")]
Description = Annotated[Remark | None, Field(description="What it means, for those who fill it in.")]

Words = Annotated[Text, StringConstraints(max_length=2_000)]
Value = Flag | Real | Words | Annotated[list[Label], Field(max_length=200)]


def _bounded(values: dict[str, Any]) -> dict[str, Any]:
    if len(values) > MOST_VALUES:
        raise ValueError(f"at most {MOST_VALUES} fields")
    return values


Values = Annotated[
    dict[FieldName, Value], AfterValidator(_bounded), Field(json_schema_extra={"maxProperties": MOST_VALUES})
]
ChangedValues = Annotated[
    dict[FieldName, Value | None], AfterValidator(_bounded), Field(json_schema_extra={"maxProperties": MOST_VALUES})
]


class CustomFieldCreate(Body):
    """A field of your own."""

    applies_to: Subject = "feedback"
    name: FieldName = Field(examples=["plan_tier"])
    kind: FieldKind
    choices: Choices = []
    description: Description = None

    @model_validator(mode="after")
    def _has_choices_where_needed(self) -> Self:
        is_choice = self.kind in {FieldKind.CHOICE, FieldKind.CHOICES}
        if is_choice != bool(self.choices):
            raise ValueError("say what the choices are" if is_choice else "only a choice has choices")
        if len(set(self.choices)) != len(self.choices):
            raise ValueError("each choice stands once")
        return self


class CustomFieldUpdate(Patch):
    """What may change of a field; its name and kind stay, for there are values under them."""

    choices: Choices = omitted()
    description: Description = omitted()


class CustomFieldRead(Resource):
    """A field of the workspace's own."""

    applies_to: Subject
    name: str
    kind: FieldKind
    choices: list[str]
    description: str | None
