"""What callers send and see of initiatives."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Day, Metadata, MetadataPatch, Patch, Prose, Resource, Title, omitted

InitiativeStatus = Literal["proposed", "active", "done", "dropped"]
Links = Annotated[list[UUID], Field(max_length=500)]


class InitiativeCreate(Body):
    title: Title
    description: Prose = ""
    status: InitiativeStatus = "proposed"
    product_id: UUID | None = None
    starts_on: Day | None = None
    due_on: Day | None = None
    objective_ids: Links = Field(default=[], description="The objectives that it should move.")
    feature_ids: Links = Field(default=[], description="The features that carry it out.")
    metadata: Metadata = {}


class InitiativeUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    status: InitiativeStatus = omitted()
    product_id: UUID | None = None
    starts_on: Day | None = None
    due_on: Day | None = None
    objective_ids: Links = omitted()
    feature_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class InitiativeRead(Resource):
    title: str
    description: str
    status: InitiativeStatus
    product_id: UUID | None
    starts_on: date | None
    due_on: date | None
    objective_ids: list[UUID]
    feature_ids: list[UUID]
    metadata: dict[str, str] = Field(validation_alias="attributes")
