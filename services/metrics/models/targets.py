"""What a KPI should come to, and until when."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.metrics.models.base import Banded, MetricsBase, owned_by


class Target(Banded, VersionedRow, MetricsBase):
    """A figure to reach by a day, from a baseline on another; with a band all of it is good enough."""

    __tablename__ = "target"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        CheckConstraint("starts_on < due_on", name="dates"),
        CheckConstraint("band_low <= value AND value <= band_high", name="band"),
        Index(None, "workspace_id", "kpi_id", "due_on"),
    )

    kpi_id: Mapped[UUID] = mapped_column()
    name: Mapped[str] = mapped_column()
    value: Mapped[float] = mapped_column()
    baseline: Mapped[float | None] = mapped_column()
    starts_on: Mapped[date] = mapped_column()
    due_on: Mapped[date] = mapped_column()
