"""KPIs as callers send and see them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.chassis.types import (
    Body,
    Currency,
    ExternalId,
    Label,
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
from services.metrics.domain.impact import Direction
from services.metrics.domain.rollups import Aggregation, EmptyBucket
from services.metrics.domain.standing import Limits
from services.metrics.kpis.calculations import Calculation, Simple
from services.metrics.kpis.frameworks import FrameworkTag

MAX_CONTROLS = 10

Cadence = Literal["day", "week", "month"]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("use a name of the IANA time zone database, for example Europe/Berlin")
    return ZoneInfo(name).key


def _distinct(items: list[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


DimensionName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00:]+$")]
TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"]), AfterValidator(_known_zone)]
Tags = Annotated[list[Label], Field(max_length=20), AfterValidator(_distinct)]
Dimensions = Annotated[list[DimensionName], Field(max_length=10), AfterValidator(_distinct)]
Percentile = Annotated[Real, Field(gt=0, lt=100)]
FrameworkTags = Annotated[list[FrameworkTag], Field(max_length=12), AfterValidator(_distinct)]
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

    @classmethod
    def of(cls, limits: Limits | None) -> Self | None:
        """As callers see a row's range."""
        return None if limits is None else cls(low=limits.low, high=limits.high)


def with_band_columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A body's fields, with its band as a row keeps it."""
    columns = dict(fields)
    if "band" in columns:
        band: Band | None = columns.pop("band")
        columns |= {"band_low": band.low if band else None, "band_high": band.high if band else None}
    return columns


class KpiCreate(Body):
    """What is counted, how, and which way is good."""

    name: Title
    description: Prose = ""
    unit: Unit
    currency: Currency | None = Field(default=None, description="For amounts of money; values are in its major unit.")
    calculation: Calculation = Field(
        default=Simple(), description="From its own measurements, or from other KPIs; changed as a whole."
    )
    aggregation: Aggregation | None = Field(
        default=None,
        description="How measurements become one figure per period; `ratio` divides values by denominators. "
        "Only for `simple` KPIs; all others are `calculated`.",
    )
    percentile: Percentile | None = Field(default=None, description="With the aggregation `percentile`: which one.")
    dimensions: Dimensions = Field(
        default=[],
        description="The dimensions by which it is added up as measurements come: series by them stay fast. Of funnels "
        "and retention, the properties of the first event by which they can be told.",
        examples=[["plan", "country"]],
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
    owner_id: ExternalId | None = Field(
        default=None, description="The `id` of `/v1/me` of who may certify the definition, besides admins."
    )
    tags: Tags = Field(default=[], examples=[["growth", "activation"]])
    framework_tags: FrameworkTags = []

    @model_validator(mode="after")
    def _band_with_direction(self) -> Self:
        if (self.direction is Direction.BAND) != (self.band is not None):
            raise ValueError("a band belongs to the direction `band`, and only to it")
        return self

    @model_validator(mode="after")
    def _counted_one_way(self) -> Self:
        if isinstance(self.calculation, Simple):
            if self.aggregation in (None, Aggregation.CALCULATED):
                raise ValueError("a simple KPI needs an aggregation")
        elif self.aggregation not in (None, Aggregation.CALCULATED):
            raise ValueError("the aggregation of a KPI that is worked out from others is `calculated`")
        if (self.aggregation is Aggregation.PERCENTILE) != (self.percentile is not None):
            raise ValueError("`percentile` says which, with the aggregation `percentile` and only with it")
        return self


class KpiUpdate(Patch):
    """What is to change; each change makes a new version of the definition."""

    name: Title = omitted()
    description: Prose = omitted()
    unit: Unit = omitted()
    currency: Currency | None = None
    calculation: Calculation = omitted()
    aggregation: Aggregation = omitted()
    percentile: Percentile | None = None
    dimensions: Dimensions = omitted()
    direction: Direction = omitted()
    band: Band | None = None
    empty: EmptyBucket = omitted()
    cadence: Cadence = omitted()
    time_zone: TimeZone = omitted()
    negligible_change: Negligible | None = None
    control_kpi_ids: Controls = omitted()
    owner: Title | None = None
    owner_id: ExternalId | None = None
    tags: Tags = omitted()
    framework_tags: FrameworkTags = omitted()


class CertificationGive(Body):
    """Why the definition may be relied upon."""

    remark: Remark = Field(examples=["Agrees with billing for all of May."])


class Certification(Reading):
    """That somebody who answers for a KPI has vouched for its definition, as it is in this version."""

    by: str
    at: Timestamp
    remark: str | None


class KpiDefinition(Reading):
    """How a KPI is defined, in one of its versions."""

    name: str
    description: str
    unit: str
    currency: str | None
    calculation: Calculation = Simple()
    aggregation: Aggregation
    percentile: float | None = None
    dimensions: list[str] = []
    direction: Direction
    band: Band | None
    empty: EmptyBucket
    cadence: Cadence
    time_zone: str
    negligible_change: float | None
    control_kpi_ids: list[UUID]
    owner: str | None
    owner_id: str | None = None
    tags: list[str]
    framework_tags: list[FrameworkTag] = []
    certification: Certification | None = Field(
        default=None, description="Null as soon as anything in the definition has changed."
    )


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
