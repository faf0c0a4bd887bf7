"""What was measured, what it was before it was corrected, and what it adds up to."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.metrics.models.base import MetricsBase, owned_by


class Measurement(WorkspaceRow, MetricsBase):
    """One figure at one moment, in the partition of its month.

    Ids grow with time: of two figures at the same moment the one that arrived later is the last. There is no foreign
    key to the KPI, which would cost a look-up for each row: intake holds the KPI's row instead.
    """

    __tablename__ = "measurement"
    __table_args__ = (
        CheckConstraint("weight >= 0", name="weight"),
        Index(None, "workspace_id", "kpi_id", "measured_at"),
        {"postgresql_partition_by": "RANGE (measured_at)"},
    )

    kpi_id: Mapped[UUID] = mapped_column()
    dedupe_key: Mapped[str] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column()
    weight: Mapped[Decimal] = mapped_column()
    dimensions: Mapped[dict[str, str]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column()
    subject: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column()
    corrected_at: Mapped[datetime | None] = mapped_column()

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class MeasurementKey(MetricsBase):
    """That a dedupe key of a KPI is taken, in whichever month: what makes intake exactly-once."""

    __tablename__ = "measurement_key"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    kpi_id: Mapped[UUID] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column()


class MeasurementRevision(WorkspaceRow, MetricsBase):
    """What a measurement was until it was corrected or taken back, and why that happened."""

    __tablename__ = "measurement_revision"
    __table_args__ = (
        Index(None, "workspace_id", "kpi_id", "measured_at"),
        Index(None, "workspace_id", "measurement_id"),
    )

    measurement_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    dedupe_key: Mapped[str] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column()
    value: Mapped[Decimal] = mapped_column()
    weight: Mapped[Decimal] = mapped_column()
    dimensions: Mapped[dict[str, str]] = mapped_column(JSONB)
    subject: Mapped[int | None] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column()
    known_from: Mapped[datetime] = mapped_column()
    known_until: Mapped[datetime] = mapped_column()
    reason: Mapped[str] = mapped_column()
    is_retraction: Mapped[bool] = mapped_column()
    revised_by: Mapped[str] = mapped_column()


class AddedUp:
    """Mixin: what a set of measurements adds up to."""

    measurements: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[Decimal] = mapped_column()
    weight: Mapped[Decimal] = mapped_column()
    least: Mapped[Decimal] = mapped_column()
    greatest: Mapped[Decimal] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
    last_id: Mapped[UUID] = mapped_column()
    last_value: Mapped[Decimal] = mapped_column()


class Rollup(AddedUp, MetricsBase):
    """What a KPI's measurements within a quarter of an hour add up to."""

    __tablename__ = "rollup"
    __table_args__ = (owned_by("kpi", "kpi_id"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-3)
    kpi_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True, sort_order=-1)
    changed_at: Mapped[datetime] = mapped_column()


class OfPart:
    """Mixin: one value of one declared dimension, on one day where the KPI lives."""

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-5)
    kpi_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-4)
    dimension: Mapped[str] = mapped_column(primary_key=True, sort_order=-3)
    part: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    day: Mapped[date] = mapped_column(primary_key=True, sort_order=-1)


class DimensionRollup(OfPart, AddedUp, MetricsBase):
    """What the measurements of one value of a dimension add up to on one day."""

    __tablename__ = "dimension_rollup"
    __table_args__ = (owned_by("kpi", "kpi_id"),)


class Sketch(OfPart, MetricsBase):
    """A day's subjects or figures in little room; of all measurements where the dimension is empty."""

    __tablename__ = "sketch"
    __table_args__ = (owned_by("kpi", "kpi_id"),)

    measurements: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = mapped_column()


class DirtyDay(MetricsBase):
    """A day whose sketches are older than its measurements; `marks` tells whether it became so again meanwhile."""

    __tablename__ = "dirty_day"
    __table_args__ = (owned_by("kpi", "kpi_id"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    kpi_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    marks: Mapped[int] = mapped_column(BigInteger)
