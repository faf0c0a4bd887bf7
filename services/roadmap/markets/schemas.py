"""What callers send and see of market segments and personas."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import (
    Body,
    Count,
    Day,
    Label,
    Metadata,
    MetadataPatch,
    Money,
    Patch,
    Prose,
    Remark,
    Resource,
    Title,
    WebUrl,
    omitted,
)

PersonaRole = Literal["user", "buyer", "influencer"]
Links = Annotated[list[UUID], Field(max_length=100)]
Goals = Annotated[list[Title], Field(max_length=20)]


class MarketSegmentCreate(Body):
    name: Title
    description: Prose = ""
    size: Count | None = Field(default=None, description="How many there are; needs a `source`.")
    size_unit: Label | None = Field(default=None, description="What was counted.", examples=["companies"])
    annual_value: Money | None = Field(default=None, description="What it spends in a year; needs a `source`.")
    source: Remark | None = Field(default=None, description="Who says so.")
    source_url: WebUrl | None = None
    sized_on: Day | None = Field(default=None, description="As of when.")
    metadata: Metadata = {}


class MarketSegmentUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()
    size: Count | None = None
    size_unit: Label | None = None
    annual_value: Money | None = None
    source: Remark | None = None
    source_url: WebUrl | None = None
    sized_on: Day | None = None
    metadata: MetadataPatch = omitted()


class MarketSegmentRead(Resource):
    name: str
    description: str
    size: int | None
    size_unit: str | None
    annual_value: Money | None
    source: str | None
    source_url: str | None
    sized_on: date | None
    metadata: dict[str, str] = Field(validation_alias="attributes")


class PersonaCreate(Body):
    name: Title = Field(description="What they are, not the name of somebody.")
    role: PersonaRole = "user"
    description: Prose = ""
    goals: Goals = Field(default=[], description="What they are after.")
    market_segment_ids: Links = Field(default=[], description="The segments in which they are found.")
    metadata: Metadata = {}


class PersonaUpdate(Patch):
    name: Title = omitted()
    role: PersonaRole = omitted()
    description: Prose = omitted()
    goals: Goals = omitted()
    market_segment_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class PersonaRead(Resource):
    name: str
    role: PersonaRole
    description: str
    goals: list[str]
    market_segment_ids: list[UUID]
    metadata: dict[str, str] = Field(validation_alias="attributes")
