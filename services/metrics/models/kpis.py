"""What is counted, each form that its definition has had, and which KPI rests on which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.metrics.domain.impact import Direction
from services.metrics.domain.rollups import Aggregation, EmptyBucket, Grain
from services.metrics.models.base import Banded, MetricsBase, owned_by


def _one_of(column: str, names: type[Aggregation] | type[EmptyBucket] | type[Direction] | tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(str(name)) for name in names)})"


CADENCES = (Grain.DAY, Grain.WEEK, Grain.MONTH)
KINDS = ("simple", "ratio", "derived", "cumulative", "funnel", "retention")
SIGNS = ("raises", "lowers")


class Kpi(Banded, VersionedRow, MetricsBase):
    """A key performance indicator as it is defined now."""

    __tablename__ = "kpi"
    __table_args__ = (
        CheckConstraint(_one_of("aggregation", Aggregation), name="aggregation"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint("(kind = 'simple') = (aggregation <> 'calculated')", name="calculated"),
        CheckConstraint("(aggregation = 'percentile') = (percentile IS NOT NULL)", name="percentile"),
        CheckConstraint("(certified_by IS NULL) = (certified_at IS NULL)", name="certified"),
        CheckConstraint(_one_of("direction", Direction), name="direction"),
        CheckConstraint(_one_of("empty", EmptyBucket), name="empty"),
        CheckConstraint(_one_of("cadence", CADENCES), name="cadence"),
        CheckConstraint("(direction = 'band') = (band_low IS NOT NULL AND band_high IS NOT NULL)", name="band"),
        CheckConstraint("band_low <= band_high", name="band_order"),
        CheckConstraint("negligible_change >= 0", name="negligible_change"),
        UniqueConstraint("workspace_id", "name"),
        Index(
            "ix_kpi_event_source",
            "workspace_id",
            text("(calculation #>> '{source,event}')"),
            postgresql_where=text("calculation #>> '{source,event}' IS NOT NULL"),
        ),
    )

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    unit: Mapped[str] = mapped_column()
    currency: Mapped[str | None] = mapped_column()
    kind: Mapped[str] = mapped_column()
    calculation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    aggregation: Mapped[str] = mapped_column()
    direction: Mapped[str] = mapped_column()
    percentile: Mapped[float | None] = mapped_column()
    dimensions: Mapped[list[str]] = mapped_column(JSONB)
    empty: Mapped[str] = mapped_column()
    cadence: Mapped[str] = mapped_column()
    time_zone: Mapped[str] = mapped_column()
    negligible_change: Mapped[float | None] = mapped_column()
    control_kpi_ids: Mapped[list[str]] = mapped_column(JSONB)
    owner: Mapped[str | None] = mapped_column()
    owner_id: Mapped[str | None] = mapped_column()
    tags: Mapped[list[str]] = mapped_column(JSONB)
    framework_tags: Mapped[list[str]] = mapped_column(JSONB)
    certified_by: Mapped[str | None] = mapped_column()
    certified_at: Mapped[datetime | None] = mapped_column()
    certification_remark: Mapped[str | None] = mapped_column()


class KpiVersion(WorkspaceRow, MetricsBase):
    """One form of a definition; never changed, so that a result can cite it."""

    __tablename__ = "kpi_version"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        UniqueConstraint("workspace_id", "kpi_id", "number"),
    )

    kpi_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()


class KpiInput(MetricsBase):
    """That the figures of one KPI are worked out from those of another."""

    __tablename__ = "kpi_input"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        owned_by("kpi", "input_kpi_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "input_kpi_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    kpi_id: Mapped[UUID] = mapped_column(primary_key=True)
    input_kpi_id: Mapped[UUID] = mapped_column(primary_key=True)


class KpiEdge(VersionedRow, MetricsBase):
    """That one KPI is believed to move another, and which way."""

    __tablename__ = "kpi_edge"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        owned_by("kpi", "driver_kpi_id"),
        UniqueConstraint("workspace_id", "kpi_id", "driver_kpi_id"),
        CheckConstraint(_one_of("sign", SIGNS), name="sign"),
        CheckConstraint("kpi_id <> driver_kpi_id", name="no_loop"),
        Index(None, "workspace_id", "driver_kpi_id"),
    )

    kpi_id: Mapped[UUID] = mapped_column()
    driver_kpi_id: Mapped[UUID] = mapped_column()
    sign: Mapped[str] = mapped_column()
    rationale: Mapped[str] = mapped_column()
