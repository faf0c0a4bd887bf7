"""What callers send and see of roadmaps, their items and the changes made to them."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import (
    Body,
    Day,
    Flag,
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
from services.roadmap.domain.states import FeatureStatus

Horizon = Literal["now", "next", "later"]
ChangeKind = Literal["placed", "changed", "removed"]
Reason = Annotated[Remark, Field(description="Why: whoever reads the plan later will ask.")]


class RoadmapCreate(Body):
    name: Title
    description: Prose = ""
    starts_on: Day | None = None
    ends_on: Day | None = None
    metadata: Metadata = {}


class RoadmapUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()
    starts_on: Day | None = None
    ends_on: Day | None = None
    metadata: MetadataPatch = omitted()


class RoadmapRead(Resource):
    name: str
    description: str
    starts_on: date | None
    ends_on: date | None
    metadata: dict[str, str] = Field(validation_alias="attributes")


class Grounded(Body):
    """A change says why: in words, by a decision, or both."""

    reason: Reason | None = None
    decision_id: UUID | None = Field(default=None, description="The decision that the change carries out.")

    @model_validator(mode="after")
    def _has_grounds(self) -> Self:
        if self.reason is None and self.decision_id is None:
            raise ValueError("say why: give a reason or a decision_id")
        return self


class ItemPut(Grounded):
    horizon: Horizon | None = Field(default=None, description="Where it stands in a now-next-later view.")
    starts_on: Day | None = None
    ends_on: Day | None = None
    is_pinned: Flag = Field(default=False, description="No adopted proposal moves or removes a pinned item.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError("it cannot end before it starts")
        return self


class PlacedFeature(Reading):
    id: UUID
    title: str
    status: FeatureStatus
    effort_days: float
    value: float


class ItemRead(Resource):
    roadmap_id: UUID
    feature_id: UUID
    feature: PlacedFeature
    horizon: Horizon | None
    starts_on: date | None
    ends_on: date | None
    is_pinned: bool
    optimization_id: UUID | None = Field(description="The proposal that placed it; null when somebody did so by hand.")


class Place(Reading):
    horizon: Horizon | None
    starts_on: date | None
    ends_on: date | None
    is_pinned: bool


class ChangeRead(Reading):
    id: UUID
    feature_id: UUID
    kind: ChangeKind
    reason: str | None
    decision_id: UUID | None
    before: Place | None
    after: Place | None
    optimization_id: UUID | None
    made_by: str
    made_at: Timestamp
