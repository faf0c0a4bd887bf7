"""KPIs as callers send and see them."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import (
    Body,
    Currency,
    Label,
    Patch,
    Prose,
    Reading,
    Real,
    Resource,
    Timestamp,
    Title,
    omitted,
)
from services.metrics.domain.impact import Direction
from services.metrics.domain.rollups import Aggregation, EmptyBucket

MAX_CONTROLS = 10

Cadence = Literal["day", "week", "month"]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("use a name of the IANA time zone database, for example Europe/Berlin")
    return ZoneInfo(name).key


def _distinct(items: list[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"]), AfterValidator(_known_zone)]
Tags = Annotated[list[Label], Field(max_length=20), AfterValidator(_distinct)]
Controls = Annotated[list[UUID], Field(max_length=MAX_CONTROLS), AfterValidator(_distinct)]
Unit = Annotated[str, Field(min_length=1, max_length=32, examples=["%", "accounts", "EUR"])]
Negligible = Annotated[Real, Field(ge=0)]


class Band(Body):
    """The range that a KPI should stay in, ends included."""

    low: Real
    high: Real

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError("low may not be above high")
        return self


class KpiCreate(Body):
    """What is counted, how, and which way is good."""

    name: Title
    description: Prose = ""
    unit: Unit
    currency: Currency | None = Field(default=None, description="For amounts of money; values are in its major unit.")
    aggregation: Aggregation = Field(
        description="How measurements become one figure per period; `ratio` divides values by denominators."
    )
    direction: Direction = Field(description="Which way is good; with `band`, staying within `band` is.")
    band: Band | None = None
    empty: EmptyBucket = Field(
        default=EmptyBucket.NULL, description="What a period without measurements says: nothing, 0, or the last figure."
    )
    cadence: Cadence = Field(default="day", description="The period that outcomes are judged by.")
    time_zone: TimeZone = Field(default="UTC", description="Where its days begin.")
    negligible_change: Negligible | None = Field(
        default=None, description="The largest change, in its unit, that nobody would act on: less is `no_effect`."
    )
    control_kpi_ids: Controls = Field(
        default=[], description="KPIs that move with this one but that no launch here can touch: evidence grade B."
    )
    owner: Title | None = None
    tags: Tags = Field(default=[], examples=[["north_star", "activation"]])

    @model_validator(mode="after")
    def _band_with_direction(self) -> Self:
        if (self.direction is Direction.BAND) != (self.band is not None):
            raise ValueError("a band belongs to the direction `band`, and only to it")
        return self


class KpiUpdate(Patch):
    """What is to change; each change makes a new version of the definition."""

    name: Title = omitted()
    description: Prose = omitted()
    unit: Unit = omitted()
    currency: Currency | None = None
    aggregation: Aggregation = omitted()
    direction: Direction = omitted()
    band: Band | None = None
    empty: EmptyBucket = omitted()
    cadence: Cadence = omitted()
    time_zone: TimeZone = omitted()
    negligible_change: Negligible | None = None
    control_kpi_ids: Controls = omitted()
    owner: Title | None = None
    tags: Tags = omitted()


class KpiDefinition(Reading):
    """How a KPI is defined, in one of its versions."""

    name: str
    description: str
    unit: str
    currency: str | None
    aggregation: Aggregation
    direction: Direction
    band: Band | None
    empty: EmptyBucket
    cadence: Cadence
    time_zone: str
    negligible_change: float | None
    control_kpi_ids: list[UUID]
    owner: str | None
    tags: list[str]


class KpiRead(Resource, KpiDefinition):
    """A KPI as it is defined now; results cite its version."""

    version: int


class KpiVersionRead(Reading):
    """One form that a definition has had; it never changes."""

    id: UUID
    kpi_id: UUID
    number: int
    definition: KpiDefinition
    made_by: str
    made_at: Timestamp
