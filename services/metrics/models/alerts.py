"""When somebody wants to be called, and each time that they were."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.metrics.models.base import MetricsBase, owned_by


class AlertRule(VersionedRow, MetricsBase):
    """A condition on a KPI, and for how long it has to hold; quiet hours are in the KPI's time zone."""

    __tablename__ = "alert_rule"
    __table_args__ = (
        owned_by("kpi", "kpi_id"),
        CheckConstraint("periods BETWEEN 1 AND 90", name="periods"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours"),
        Index(None, "workspace_id", "kpi_id"),
    )

    kpi_id: Mapped[UUID] = mapped_column()
    name: Mapped[str] = mapped_column()
    condition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    periods: Mapped[int] = mapped_column()
    quiet_from: Mapped[time | None] = mapped_column()
    quiet_until: Mapped[time | None] = mapped_column()
    is_enabled: Mapped[bool] = mapped_column()
    looked_at: Mapped[datetime | None] = mapped_column()


class Alert(VersionedRow, MetricsBase):
    """One time that a rule's condition came to hold: open, seen by somebody, over. One at a time per rule."""

    __tablename__ = "alert"
    __table_args__ = (
        owned_by("alert_rule", "alert_rule_id"),
        owned_by("kpi", "kpi_id"),
        CheckConstraint("state IN ('open', 'acknowledged', 'resolved')", name="state"),
        Index(
            "uq_alert_unresolved",
            "workspace_id",
            "alert_rule_id",
            unique=True,
            postgresql_where=sql("state <> 'resolved' AND NOT is_test"),
        ),
        Index(None, "workspace_id", "alert_rule_id"),
        Index(None, "workspace_id", "kpi_id"),
    )

    alert_rule_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    kpi_version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column()
    is_test: Mapped[bool] = mapped_column()
    period_starts_at: Mapped[datetime | None] = mapped_column()
    value: Mapped[float | None] = mapped_column()
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    acknowledged_by: Mapped[str | None] = mapped_column()
    acknowledged_at: Mapped[datetime | None] = mapped_column()
    resolved_at: Mapped[datetime | None] = mapped_column()
