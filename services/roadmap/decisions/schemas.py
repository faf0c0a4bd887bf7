"""What callers send and see of decisions."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Prose, Reading, Remark, Resource, Timestamp, Title

Citable = Literal[
    "outcome",
    "requirement",
    "kpi",
    "objective",
    "feature",
    "optimization",
    "theme",
    "target",
    "vision",
    "need",
    "pain_point",
    "persona",
    "differentiator",
    "competitor",
    "capability",
    "initiative",
]


class Cite(Body):
    kind: Citable
    id: UUID


class Alternative(Body):
    title: Title
    why_not: Remark


class DecisionCreate(Body):
    title: Title
    rationale: Annotated[Prose, Field(min_length=1)]
    cites: Annotated[list[Cite], Field(max_length=100)] = Field(default=[], description="What it rests on.")
    alternatives: Annotated[list[Alternative], Field(max_length=20)] = Field(
        default=[], description="What else was considered, and why it was not taken."
    )
    decided_at: Timestamp | None = Field(default=None, description="Now, unless given.")
    supersedes_id: UUID | None = Field(default=None, description="The decision that this one replaces.")


class CiteRead(Reading):
    kind: Citable
    id: UUID = Field(validation_alias="cited_id")


class DecisionRead(Resource):
    title: str
    rationale: str
    cites: list[CiteRead]
    alternatives: list[Alternative]
    decided_by: str
    decided_at: Timestamp
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
