"""What callers send and see of differentiators."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Metadata, MetadataPatch, Patch, Prose, Resource, Title, omitted

Links = Annotated[list[UUID], Field(max_length=100)]


class DifferentiatorCreate(Body):
    title: Title
    description: Prose = ""
    need_ids: Links = Field(default=[], description="The needs that it answers better than others do.")
    feature_ids: Links = Field(default=[], description="The features that make it true.")
    objective_ids: Links = Field(default=[], description="The objectives that it serves.")
    metadata: Metadata = {}


class DifferentiatorUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    need_ids: Links = omitted()
    feature_ids: Links = omitted()
    objective_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class DifferentiatorRead(Resource):
    title: str
    description: str
    need_ids: list[UUID]
    feature_ids: list[UUID]
    objective_ids: list[UUID]
    metadata: dict[str, str] = Field(validation_alias="attributes")
