"""What callers send and see of templates."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.types import Body, Prose, Reading, Real, Title
from services.roadmap.domain.terms import term
from services.roadmap.strategy.schemas import KeyResultCreate, ObjectiveRead


def _known_term(name: str) -> str:
    term(name)
    return name


Term = Annotated[
    str, StringConstraints(max_length=7, pattern=r"^\d{4}(-(Q[1-4]|H[12]))?$"), AfterValidator(_known_term)
]
TermField = Annotated[Term, Field(description="A year, a half year or a quarter.", examples=["2027-Q1"])]


class OkrObjective(Body):
    title: Title
    description: Prose = ""
    key_results: Annotated[list[KeyResultCreate], Field(min_length=2, max_length=5)]


class OkrCreate(Body):
    term: TermField
    objectives: Annotated[list[OkrObjective], Field(min_length=1, max_length=5)]


class InputMetric(Body):
    """Something that the team can move directly, and that moves the North Star."""

    title: Title
    kpi_id: UUID
    start_value: Real
    target_value: Real


class NorthStarCreate(Body):
    term: TermField
    title: Title = Field(description="The value that customers get, as one number.")
    kpi_id: UUID
    start_value: Real
    target_value: Real
    inputs: Annotated[list[InputMetric], Field(min_length=2, max_length=5)]


class ObjectiveSet(Reading):
    """The objectives that were set, in the order in which they were given; a North Star comes first."""

    objectives: list[ObjectiveRead]


class TemplateRead(Reading):
    name: Literal["okr", "north_star"]
    title: str
    source: str
    guidance: list[str]
    post_to: str = Field(description="Where to send it, filled in.")
    example: dict[str, Any]


class TemplateList(Reading):
    items: list[TemplateRead]
