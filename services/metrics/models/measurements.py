"""What was measured, and what it adds up to per quarter of an hour."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.metrics.models.base import MetricsBase, owned_by


class Measurement(WorkspaceRow, MetricsBase):
    """One figure at one moment, exactly once per dedupe key of its KPI.

    Ids grow with time: of two figures at the same moment the one that arrived later is the last.
    """

    __tablename__ = "measurement"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        UniqueConstraint("workspace_id", "kpi_id", "dedupe_key"),
        CheckConstraint("weight >= 0", name="weight"),
        Index(None, "workspace_id", "kpi_id", "measured_at"),
    )

    kpi_id: Mapped[UUID] = mapped_column()
    dedupe_key: Mapped[str] = mapped_column()
    measured_at: Mapped[datetime] = mapped_column()
    value: Mapped[Decimal] = mapped_column()
    weight: Mapped[Decimal] = mapped_column()
    dimensions: Mapped[dict[str, str]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column()


class Rollup(MetricsBase):
    """What a KPI's measurements within a quarter of an hour add up to."""

    __tablename__ = "rollup"
    __table_args__ = (owned_by("kpi", "kpi_id"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    kpi_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    measurements: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[Decimal] = mapped_column()
    weight: Mapped[Decimal] = mapped_column()
    least: Mapped[Decimal] = mapped_column()
    greatest: Mapped[Decimal] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
    last_id: Mapped[UUID] = mapped_column()
    last_value: Mapped[Decimal] = mapped_column()
    changed_at: Mapped[datetime] = mapped_column()
