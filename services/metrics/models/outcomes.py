"""What was hoped for when a feature shipped, and what was found."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.metrics.domain.impact import Verdict
from services.metrics.models.base import MetricsBase, owned_by

STATES = ("open", "measured", "final")


class Outcome(VersionedRow, MetricsBase):
    """One effect that one feature should have on one KPI, from its launch to the last word on it."""

    __tablename__ = "outcome"
    __table_args__ = (
        owned_by("kpi", "kpi_id", on_delete="RESTRICT"),
        UniqueConstraint("workspace_id", "feature_id", "kpi_id"),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint(f"verdict IN ({', '.join(repr(str(each)) for each in Verdict)})", name="verdict"),
        CheckConstraint("predicted_low <= predicted_likely AND predicted_likely <= predicted_high", name="predicted"),
        Index(None, "workspace_id", "kpi_id", "shipped_at"),
        Index("ix_outcome_unfinished", "workspace_id", "window_ends_at", postgresql_where=text("state <> 'final'")),
    )

    feature_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    requirement_ids: Mapped[list[str]] = mapped_column(JSONB)
    team_ids: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    requirement_kinds: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    estimated_by: Mapped[str | None] = mapped_column()
    shipped_at: Mapped[datetime] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    window_ends_at: Mapped[datetime] = mapped_column()
    predicted_low: Mapped[float | None] = mapped_column()
    predicted_likely: Mapped[float | None] = mapped_column()
    predicted_high: Mapped[float | None] = mapped_column()
    state: Mapped[str] = mapped_column()
    verdict: Mapped[str | None] = mapped_column()
    effect: Mapped[float | None] = mapped_column()
    effect_low: Mapped[float | None] = mapped_column()
    effect_high: Mapped[float | None] = mapped_column()
    evidence_grade: Mapped[str | None] = mapped_column()
    measured_at: Mapped[datetime | None] = mapped_column()
    looked_at: Mapped[datetime | None] = mapped_column()


class OutcomeEvaluation(WorkspaceRow, MetricsBase):
    """One look at the data: what it showed then, with everything that is needed to follow it."""

    __tablename__ = "outcome_evaluation"
    __table_args__ = (owned_by("outcome", "outcome_id"), Index(None, "workspace_id", "outcome_id", "id"))

    outcome_id: Mapped[UUID] = mapped_column()
    kpi_version: Mapped[int] = mapped_column()
    verdict: Mapped[str] = mapped_column()
    is_final: Mapped[bool] = mapped_column()
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evaluated_by: Mapped[str] = mapped_column()
    evaluated_at: Mapped[datetime] = mapped_column()
