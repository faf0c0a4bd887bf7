"""What callers send and see of releases."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Day, Metadata, MetadataPatch, Patch, Prose, Resource, Timestamp, Title, omitted
from services.roadmap.domain.readiness import ReleaseStatus
from services.roadmap.features.schemas import Ids


class ReleaseCreate(Body):
    name: Title
    description: Prose = ""
    target_on: Day | None = Field(default=None, description="The day that everybody aims at.")
    feature_ids: Ids = Field(default=[], description="What goes out.")
    release_template_id: UUID | None = Field(default=None, description="Its work packages become this release's own.")
    metadata: Metadata = {}


class ReleaseUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()
    target_on: Day | None = None
    feature_ids: Ids = omitted()
    status: Literal["planned", "cancelled"] = omitted()
    metadata: MetadataPatch = omitted()


class ReleaseRead(Resource):
    name: str
    description: str
    status: ReleaseStatus
    target_on: date | None
    launched_at: Timestamp | None
    launched_despite: str | None = Field(description="Why it went out although something still blocked it.")
    feature_ids: list[UUID]
    release_template_id: UUID | None
    metadata: dict[str, str] = Field(validation_alias="attributes")
