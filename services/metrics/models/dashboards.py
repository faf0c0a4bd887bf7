"""KPIs that are looked at together, and what was told of their weeks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.metrics.models.base import MetricsBase, owned_by


class Dashboard(VersionedRow, MetricsBase):
    """Tiles in their order. They are changed as a whole; a KPI on one is not deleted (see `KpiRepository.is_used`)."""

    __tablename__ = "dashboard"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    tiles: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Digest(WorkspaceRow, MetricsBase):
    """What was told of a dashboard's week; never changed. One for each time that one was due."""

    __tablename__ = "digest"
    __table_args__ = (
        owned_by("dashboard", "dashboard_id"),
        UniqueConstraint("workspace_id", "dashboard_id", "due_at"),
        CheckConstraint("begins_at < ends_at", name="week"),
    )

    dashboard_id: Mapped[UUID] = mapped_column()
    dashboard_version: Mapped[int] = mapped_column()
    begins_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    text: Mapped[str] = mapped_column()
    made_by: Mapped[str] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()
