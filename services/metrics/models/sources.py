"""Where figures are fetched from, and files that wait to be read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.metrics.models.base import MetricsBase, owned_by


class MeasurementSource(VersionedRow, MetricsBase):
    """An address that answers with JSON, and where in it figures are found."""

    __tablename__ = "measurement_source"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("every_minutes > 0", name="every_minutes"),
        Index("ix_measurement_source_due", "workspace_id", "next_pull_at", postgresql_where=text("is_enabled")),
    )

    name: Mapped[str] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    url: Mapped[str] = mapped_column()
    credential: Mapped[bytes | None] = mapped_column()
    items_path: Mapped[str] = mapped_column()
    value_path: Mapped[str] = mapped_column()
    time_path: Mapped[str | None] = mapped_column()
    key_path: Mapped[str | None] = mapped_column()
    dimension_paths: Mapped[dict[str, str]] = mapped_column(JSONB)
    every_minutes: Mapped[int] = mapped_column()
    is_enabled: Mapped[bool] = mapped_column()
    next_pull_at: Mapped[datetime] = mapped_column()
    pulled_at: Mapped[datetime | None] = mapped_column()
    result: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    fault: Mapped[str | None] = mapped_column()


class MeasurementFile(WorkspaceRow, MetricsBase):
    """A CSV file that an operation is about to read; gone when it has."""

    __tablename__ = "measurement_file"
    __table_args__ = (owned_by("kpi", "kpi_id"),)

    kpi_id: Mapped[UUID] = mapped_column()
    content: Mapped[bytes] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
