"""What callers send and see of features."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import (
    Body,
    Day,
    Flag,
    Label,
    Metadata,
    MetadataPatch,
    Money,
    Patch,
    Prose,
    Reading,
    Real,
    Remark,
    Resource,
    Timestamp,
    Title,
    omitted,
)
from services.roadmap.domain.dependencies import DependencyLink
from services.roadmap.domain.states import FeatureStatus
from services.roadmap.domain.valuation import Combination

Direction = Literal["increase", "decrease"]
Days = Annotated[Real, Field(ge=0, le=1_000_000, description="Person-days.")]
Value = Annotated[
    Real, Field(ge=0, le=1_000_000_000, description="What it is worth, in points of your own; two decimals count.")
]
Ids = Annotated[list[UUID], Field(max_length=100)]


class Effect(Body):
    """How far a KPI should move: a range, never negative; the direction says which way."""

    kpi_id: UUID
    direction: Direction
    low: Annotated[Real, Field(ge=0)]
    likely: Annotated[Real, Field(ge=0)]
    high: Annotated[Real, Field(ge=0)]
    due_on: Day = Field(description="By then the effect should show.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low, likely and high must rise")
        return self


Effects = Annotated[list[Effect], Field(max_length=20)]


class Package(Body):
    """What the feature needs of one skill; low and high are the ends that one in ten lies beyond (P10, P90)."""

    skill: Label
    team_id: UUID | None = Field(default=None, description="The team that does it; any with the skill, unless named.")
    low_days: Days
    likely_days: Days
    high_days: Days
    people: Annotated[Real, Field(gt=0, le=1_000, description="How many work on it at a time; a half counts.")] = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low_days <= self.likely_days <= self.high_days:
            raise ValueError("low_days, likely_days and high_days must rise")
        return self


class PackageRead(Reading):
    skill: str
    team_id: UUID | None
    low_days: float
    likely_days: float
    high_days: float
    people: float


Packages = Annotated[list[Package], Field(max_length=20)]


class DependencyEntry(Body):
    feature_id: UUID
    link: DependencyLink = Field(
        default="finish_start", description="Begin when the other one is finished, or when it has begun."
    )
    lag_days: Annotated[int, Field(strict=True, ge=0, le=3_650)] = Field(
        default=0, description="Calendar days to wait beyond that."
    )


class DependencyRead(Reading):
    feature_id: UUID = Field(validation_alias="needs_feature_id")
    link: DependencyLink
    lag_days: int


def _once_each(entries: list[DependencyEntry]) -> list[DependencyEntry]:
    if len({each.feature_id for each in entries}) < len(entries):
        raise ValueError("name each feature once")
    return entries


Dependencies = Annotated[
    list[DependencyEntry],
    Field(max_length=100, description="As `depends_on`, with the kind of link and a lag; give one of the two."),
    AfterValidator(_once_each),
]
Frozen = Annotated[
    Flag,
    Field(description="Its work, dates and dependencies are settled, and no proposal moves it where it stands."),
]
MustHave = Annotated[Flag, Field(description="Every plan that considers it builds it.")]


class _Linked(Body):
    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if {"depends_on", "dependencies"} <= self.model_fields_set:
            raise ValueError("give depends_on or dependencies, not both")
        return self


class EffectRead(Reading):
    kpi_id: UUID
    direction: Direction
    low: float
    likely: float
    high: float
    due_on: date


class FeatureOutcomeRead(Reading):
    outcome_id: UUID = Field(validation_alias="id")
    kpi_id: UUID
    verdict: str
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    measured_at: Timestamp


class FeatureCreate(_Linked):
    title: Title
    description: Prose = ""
    requirement_ids: Ids = Field(default=[], description="The requirements that it answers.")
    objective_ids: Ids = Field(default=[], description="The objectives that it serves.")
    product_id: UUID | None = Field(default=None, description="The product that it belongs to.")
    depends_on: Ids = Field(default=[], description="Features that must be built together with it, or before.")
    dependencies: Dependencies = []
    effort_days: Days = 0.0
    cost: Money | None = None
    value: Value = 0.0
    is_must_have: MustHave = False
    is_frozen: Frozen = False
    earliest_start: Day | None = None
    deadline: Day | None = None
    expected_effects: Effects = []
    work_packages: Packages = Field(default=[], description="Who has to do how much: what schedules are made of.")
    metadata: Metadata = {}


class FeatureUpdate(_Linked, Patch):
    title: Title = omitted()
    description: Prose = omitted()
    requirement_ids: Ids = omitted()
    objective_ids: Ids = omitted()
    product_id: UUID | None = None
    depends_on: Ids = omitted()
    dependencies: Dependencies = omitted()
    effort_days: Days = omitted()
    cost: Money | None = None
    value: Value = omitted()
    is_must_have: MustHave = omitted()
    is_frozen: Frozen = omitted()
    earliest_start: Day | None = None
    deadline: Day | None = None
    expected_effects: Effects = omitted()
    work_packages: Packages = omitted()
    metadata: MetadataPatch = omitted()


class FeatureRead(Resource):
    title: str
    description: str
    status: FeatureStatus
    status_reason: str | None
    requirement_ids: list[UUID]
    objective_ids: list[UUID]
    product_id: UUID | None
    depends_on: list[UUID]
    dependencies: list[DependencyRead] = Field(validation_alias="needs")
    effort_days: float
    actual_effort_days: float | None
    cost: Money | None
    value: float
    prioritization_id: UUID | None = Field(description="The ranking that the value was taken from; null: set by hand.")
    is_must_have: bool
    is_frozen: bool
    earliest_start: date | None
    deadline: date | None
    started_at: Timestamp | None
    shipped_at: Timestamp | None
    retired_at: Timestamp | None
    expected_effects: list[EffectRead]
    work_packages: list[PackageRead]
    outcomes: list[FeatureOutcomeRead] = Field(description="What metrics found after it shipped.")
    metadata: dict[str, str] = Field(validation_alias="attributes")


class TransitionCreate(Body):
    to: FeatureStatus
    at: Timestamp | None = Field(default=None, description="When it happened; now, unless given.")
    reason: Remark | None = Field(default=None, description="Needed for on_hold, dropped and retired.")
    started_at: Timestamp | None = Field(default=None, description="When the work began, where nobody said so before.")
    actual_effort_days: Days | None = None


class ValuationCreate(Body):
    prioritization_id: UUID = Field(description="The ranking whose scores become values.")
    feature_ids: Annotated[list[UUID], Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, description="Which features; every open one that answers a ranked requirement, unless given."
    )
    combine: Combination = Field(
        default="sum", description="Of several requirements: their scores added up, or the highest."
    )


class ValuedFeature(Reading):
    feature_id: UUID
    value_before: float
    value: float


class ValuationRead(Reading):
    prioritization_id: UUID
    name: str
    valued: list[ValuedFeature]
    unranked: list[UUID] = Field(description="Features none of whose requirements was ranked: left as they are.")
