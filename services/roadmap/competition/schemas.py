"""What callers send and see of competitors, capabilities and positionings."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import (
    Body,
    Day,
    Metadata,
    MetadataPatch,
    Patch,
    Prose,
    Reading,
    Remark,
    Resource,
    Title,
    WebUrl,
    Whole,
    omitted,
)

Links = Annotated[list[UUID], Field(max_length=100)]
Level = Annotated[Whole, Field(ge=0, le=5)]
Importance = Annotated[Whole, Field(ge=1, le=5)]


class CompetitorCreate(Body):
    name: Title
    description: Prose = ""
    website: WebUrl | None = None
    metadata: Metadata = {}


class CompetitorUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()
    website: WebUrl | None = None
    metadata: MetadataPatch = omitted()


class CompetitorRead(Resource):
    name: str
    description: str
    website: str | None
    metadata: dict[str, str] = Field(validation_alias="attributes")


class CapabilityRating(Body):
    """How well one product or competitor does something."""

    kind: Literal["product", "competitor"]
    id: UUID
    level: Level = Field(description="0 not at all, 5 as well as can be.")
    source: Remark = Field(description="How we know.")
    rated_on: Day | None = None


class CapabilityRatingRead(Reading):
    kind: Literal["product", "competitor"]
    id: UUID
    level: int
    source: str
    rated_on: date | None


Ratings = Annotated[list[CapabilityRating], Field(max_length=100)]


class CapabilityCreate(Body):
    title: Title
    description: Prose = ""
    importance: Importance = 3
    need_ids: Links = Field(default=[], description="The needs that it answers.")
    ratings: Ratings = Field(default=[], description="Who does it how well; each once.")
    metadata: Metadata = {}


class CapabilityUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    importance: Importance = omitted()
    need_ids: Links = omitted()
    ratings: Ratings = omitted()
    metadata: MetadataPatch = omitted()


class CapabilityRead(Resource):
    title: str
    description: str
    importance: int
    need_ids: list[UUID]
    ratings: list[CapabilityRatingRead]
    metadata: dict[str, str] = Field(validation_alias="attributes")


class PositioningCreate(Body):
    product_id: UUID
    target: Title = Field(description="For whom.", examples=["founders in their first week"])
    need: Title = Field(description="who ...", examples=["want to be paid on time"])
    name: Title = Field(description="What the product is called.")
    category: Title = Field(description="is ...", examples=["an invoicing program"])
    benefit: Title = Field(description="that ...", examples=["sends reminders by itself"])
    alternative: Title = Field(description="Unlike ...", examples=["a spreadsheet"])
    difference: Title = Field(description="it ...", examples=["never forgets"])
    persona_ids: Links = []
    need_ids: Links = []
    competitor_ids: Links = []
    differentiator_ids: Links = []
    metadata: Metadata = {}


class PositioningUpdate(Patch):
    product_id: UUID = omitted()
    target: Title = omitted()
    need: Title = omitted()
    name: Title = omitted()
    category: Title = omitted()
    benefit: Title = omitted()
    alternative: Title = omitted()
    difference: Title = omitted()
    persona_ids: Links = omitted()
    need_ids: Links = omitted()
    competitor_ids: Links = omitted()
    differentiator_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class PositioningRead(Resource):
    statement: str = Field(description="For ... who ..., ... is ... that ... Unlike ..., it ... (Moore).")
    product_id: UUID
    target: str
    need: str
    name: str
    category: str
    benefit: str
    alternative: str
    difference: str
    persona_ids: list[UUID]
    need_ids: list[UUID]
    competitor_ids: list[UUID]
    differentiator_ids: list[UUID]
    metadata: dict[str, str] = Field(validation_alias="attributes")


class LevelRead(Reading):
    id: UUID
    name: str
    level: int | None = Field(description="Null where nobody rated it.")
    source: str | None


class ComparedCapability(Reading):
    capability_id: UUID
    title: str
    importance: int
    own: LevelRead
    rivals: list[LevelRead]
    best_rivals: list[UUID]
    lead: int | None = Field(description="Our level less the best rival's; null unless both are known.")


class StandingRead(Reading):
    id: UUID
    name: str
    score: float | None = Field(description="Mean level over what was rated, weighted by importance, 0 to 5.")
    known: float = Field(description="The part of all importance that was rated, 0 to 1.")


class ComparisonRead(Reading):
    product_id: UUID
    capabilities: list[ComparedCapability]
    standings: list[StandingRead] = Field(description="The product, then its competitors by name.")
