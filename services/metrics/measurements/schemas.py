"""Measurements and series as callers send and see them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, ExternalId, Metadata, Reading, Real, Remark, Resource, Timestamp
from services.metrics.domain.rollups import Aggregation, Grain
from services.metrics.models import Measurement

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
    subject: ExternalId | None = Field(
        default=None,
        description="Whom or what it is about, for the aggregation `distinct`. Only a keyed hash of it is kept.",
    )


class MeasurementRead(Resource):
    """A measurement; `version` counts its corrections."""

    kpi_id: UUID
    value: float
    measured_at: Timestamp
    denominator: float
    dedupe_key: str
    dimensions: dict[str, str]
    version: int


class MeasurementCorrect(Body):
    """The right figure in place of a wrong one. To move one in time, take it back and send it anew."""

    value: Real
    denominator: Weight | None = None
    reason: Remark


class MeasurementRevisionRead(Reading):
    """What a measurement was until it was corrected or taken back."""

    id: UUID
    measurement_id: UUID
    kpi_id: UUID
    number: int
    value: float
    denominator: float = Field(validation_alias="weight")
    measured_at: Timestamp
    dedupe_key: str
    dimensions: dict[str, str]
    known_from: Timestamp
    known_until: Timestamp
    is_retraction: bool
    reason: str
    revised_by: str


def read_measurement(row: Measurement) -> MeasurementRead:
    """A measurement as callers see it."""
    return MeasurementRead(
        id=row.id,
        etag=row.etag,
        created_at=row.received_at,
        updated_at=row.corrected_at or row.received_at,
        kpi_id=row.kpi_id,
        value=float(row.value),
        measured_at=row.measured_at,
        denominator=float(row.weight),
        dedupe_key=row.dedupe_key,
        dimensions=row.dimensions,
        version=row.version,
    )


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


class SeriesPart(Reading):
    """The series of one value of a dimension."""

    value: str
    points: list[SeriesPoint]


class SeriesRead(Reading):
    """A KPI over time, in whole periods."""

    kpi_id: UUID
    kpi_version: int
    unit: str
    aggregation: Aggregation
    grain: Grain
    time_zone: str
    is_exact: bool = Field(default=True, description="Whether the figures are exact; sums are decimal, never rounded.")
    method: Literal["hyperloglog", "ddsketch"] | None = Field(
        default=None, description="The sketch that figures which are not exact come from."
    )
    error_bound: float | None = Field(
        default=None,
        description="How far off such a figure may be, as a share of it: always for `ddsketch`, with a probability of "
        "99.7 % for `hyperloglog`. Null where the figures are exact, or where a formula over sketches makes it vary.",
    )
    stale_days: int = Field(
        default=0, description="Days for which newer measurements are not in the sketches yet; ask again shortly."
    )
    as_of: Timestamp | None = None
    filters: dict[str, str] = {}
    points: list[SeriesPoint]
    parts: list[SeriesPart] | None = Field(
        default=None, description="With `dimension`: a series for each of the values that were said most."
    )
    has_more_parts: bool = False
    comparison: list[ComparedPoint] | None = Field(
        default=None, description="With `compare`: for each point, in their order, the period it is compared with."
    )
