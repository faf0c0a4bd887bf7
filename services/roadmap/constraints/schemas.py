"""What callers send and see of constraints."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import (
    Body,
    Currency,
    Day,
    Metadata,
    MetadataPatch,
    Patch,
    Prose,
    Reading,
    Resource,
    Share,
    Title,
    omitted,
)
from services.roadmap.exchange_rates.schemas import RateUsed, RateWanted

Side = Literal["at_least", "at_most"]
Measure = Literal["effort_days", "cost", "value", "features"]
Links = Annotated[list[UUID], Field(max_length=500)]


class Policy(Body):
    """A share of all that is planned."""

    side: Side
    share: Share = Field(examples=[0.3])
    measure: Measure = "effort_days"
    currency: Currency | None = Field(default=None, description="For `cost`: only features priced in it count.")

    @model_validator(mode="after")
    def _has_its_currency(self) -> Self:
        if (self.measure == "cost") != (self.currency is not None):
            raise ValueError("name a currency for the measure cost, and for no other")
        return self


class PolicyRead(Reading):
    side: Side
    share: float
    measure: Measure
    currency: str | None


class ConstraintCreate(Body):
    title: Title
    description: Prose = ""
    roadmap_id: UUID | None = Field(default=None, description="The roadmap that should keep it; else all.")
    due_on: Day | None = Field(default=None, description="By then the features named below are done.")
    policy: Policy | None = Field(default=None, description="A share of the plan is for the features named below.")
    feature_ids: Links = []
    initiative_ids: Links = Field(default=[], description="Their features are meant.")
    objective_ids: Links = Field(default=[], description="The features that serve them are meant.")
    product_ids: Links = Field(default=[], description="Their features are meant.")
    metadata: Metadata = {}


class ConstraintUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    roadmap_id: UUID | None = None
    due_on: Day | None = None
    policy: Policy | None = None
    feature_ids: Links = omitted()
    initiative_ids: Links = omitted()
    objective_ids: Links = omitted()
    product_ids: Links = omitted()
    metadata: MetadataPatch = omitted()


class ConstraintRead(Resource):
    title: str
    description: str
    roadmap_id: UUID | None
    due_on: date | None
    policy: PolicyRead | None
    feature_ids: list[UUID]
    initiative_ids: list[UUID]
    objective_ids: list[UUID]
    product_ids: list[UUID]
    metadata: dict[str, str] = Field(validation_alias="attributes")


class ConstraintCheck(Reading):
    """Whether the plan keeps a constraint, and by how much it does not."""

    constraint_id: UUID
    is_broken: bool
    features: int = Field(description="How many features are meant.")
    days_late: int | None = Field(description="Of a date: how late the latest feature is; 0 when it is kept.")
    late_feature_ids: list[UUID]
    undated_feature_ids: list[UUID] = Field(description="Of a date: features of which nobody said when they are done.")
    share: float | None = Field(description="Of a share: as it is; null when nothing is planned.")
    missing_share: float | None = Field(description="Of a share: how far it is from the limit; 0 when it is kept.")
    missing_amount: float | None = Field(
        description="Of a share: how much of the plan, in the policy's measure, would have to change sides."
    )
    conversions: list[RateUsed] = Field(description="Of a share of costs: the rates of today that were used.")
    missing_rates: list[RateWanted] = Field(description="Of a share of costs: features priced so are left out of it.")
