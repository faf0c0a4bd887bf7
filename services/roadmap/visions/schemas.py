"""What callers send and see of visions."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import (
    Body,
    Metadata,
    MetadataPatch,
    Patch,
    Prose,
    Reading,
    Remark,
    Resource,
    Timestamp,
    Title,
    omitted,
)

Links = Annotated[list[UUID], Field(max_length=100)]
Statement = Annotated[Remark, Field(description="What should become true, in a sentence or two.")]
Goals = Annotated[list[Title], Field(max_length=20)]


class VisionCreate(Body):
    product_id: UUID | None = Field(default=None, description="The product; none for the whole company.")
    statement: Statement
    target_market: Prose = ""
    market_segment_ids: Links = []
    need_ids: Links = Field(default=[], description="The needs that it answers.")
    differentiator_ids: Links = Field(default=[], description="What sets it apart.")
    business_goals: Goals = Field(default=[], description="What the company gains by it.")
    objective_ids: Links = Field(default=[], description="The objectives that pursue it now.")
    metadata: Metadata = {}


class VisionUpdate(Patch):
    reason: Remark = Field(description="Why it is written anew: kept with the revision.")
    product_id: UUID | None = None
    statement: Statement = omitted()
    target_market: Prose = omitted()
    market_segment_ids: Links = omitted()
    need_ids: Links = omitted()
    differentiator_ids: Links = omitted()
    business_goals: Goals = omitted()
    objective_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class VisionContents(Reading):
    """What a vision says."""

    product_id: UUID | None
    statement: str
    target_market: str
    market_segment_ids: list[UUID]
    need_ids: list[UUID]
    differentiator_ids: list[UUID]
    business_goals: list[str]
    objective_ids: list[UUID]


class VisionRead(Resource, VisionContents):
    metadata: dict[str, str] = Field(validation_alias="attributes")


class RevisionRead(Reading):
    id: UUID
    vision_id: UUID
    number: int = Field(description="Counts from 1; the vision's ETag while it was the latest.")
    contents: VisionContents
    reason: str
    written_by: str
    written_at: Timestamp
