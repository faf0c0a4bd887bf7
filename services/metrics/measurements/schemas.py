"""Measurements and series as callers send and see them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, ExternalId, Metadata, Reading, Real, Resource, Timestamp
from services.metrics.domain.rollups import Aggregation, Grain

Weight = Annotated[Real, Field(ge=0)]


class MeasurementCreate(Body):
    """One figure at one moment."""

    kpi_id: UUID
    value: Real
    measured_at: Timestamp
    denominator: Weight = Field(default=1, description="With the aggregation `ratio`: what the value is a share of.")
    dedupe_key: ExternalId | None = Field(
        default=None, description="Your own name for it: sent again, it counts once. Unique per KPI, for good."
    )
    dimensions: Metadata = {}


class MeasurementRead(Resource):
    """A measurement; it never changes."""

    kpi_id: UUID
    value: float
    measured_at: Timestamp
    denominator: float
    dedupe_key: str
    dimensions: dict[str, str]


class SeriesPoint(Reading):
    """One period: its figure, and how many measurements it rests on."""

    starts_at: Timestamp
    ends_at: Timestamp
    value: float | None
    measurements: int


Comparison = Literal["previous_period", "previous_year"]


class ComparedPoint(Reading):
    """The period that one of the series is compared with, and what has changed since."""

    starts_at: Timestamp
    ends_at: Timestamp
    value: float | None
    change: float | None = Field(description="By how much the figure of the series is larger.")
    change_ratio: float | None = Field(description="The change as a share of the earlier figure's size.")


class SeriesRead(Reading):
    """A KPI over time, in whole periods."""

    kpi_id: UUID
    kpi_version: int
    unit: str
    aggregation: Aggregation
    grain: Grain
    time_zone: str
    is_exact: bool = Field(default=True, description="Whether the figures are exact; sums are decimal, never rounded.")
    points: list[SeriesPoint]
    comparison: list[ComparedPoint] | None = Field(
        default=None, description="With `compare`: for each point, in their order, the period it is compared with."
    )
