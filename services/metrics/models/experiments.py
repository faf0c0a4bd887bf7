"""Experiments, and what their arms added up to at each reading."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.metrics.domain.experiments import Measure
from services.metrics.models.base import MetricsBase, owned_by


class Experiment(VersionedRow, MetricsBase):
    """Units assigned by chance to arms, and the KPI that decides."""

    __tablename__ = "experiment"
    __table_args__ = (
        owned_by("kpi", "kpi_id", on_delete="RESTRICT"),
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint(f"measure IN ({', '.join(repr(str(each)) for each in Measure)})", name="measure"),
        CheckConstraint("planned_units > 0", name="planned_units"),
        Index(None, "workspace_id", "kpi_id"),
        Index(None, "workspace_id", "feature_id"),
    )

    name: Mapped[str] = mapped_column()
    hypothesis: Mapped[str] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    measure: Mapped[str] = mapped_column()
    control: Mapped[str] = mapped_column()
    shares: Mapped[dict[str, float]] = mapped_column(JSONB)
    planned_units: Mapped[int] = mapped_column()
    guardrail_kpi_ids: Mapped[list[str]] = mapped_column(JSONB)


class ExperimentAssignment(MetricsBase):
    """That a unit, under its hash, is in an arm from a moment on."""

    __tablename__ = "experiment_assignment"
    __table_args__ = (owned_by("experiment", "experiment_id"), Index(None, "workspace_id", "unit"))

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    experiment_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    arm: Mapped[str] = mapped_column()
    assigned_at: Mapped[datetime] = mapped_column()


class ExperimentReading(WorkspaceRow, MetricsBase):
    """What every arm added up to since the beginning, or what another tool told, for one KPI, at one moment.

    `covariate_days` is set where it was counted from assignments.
    """

    __tablename__ = "experiment_reading"
    __table_args__ = (
        owned_by("experiment", "experiment_id"),
        UniqueConstraint("workspace_id", "experiment_id", "kpi_id", "as_of"),
    )

    experiment_id: Mapped[UUID] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    as_of: Mapped[datetime] = mapped_column()
    arms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    external: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    covariate_days: Mapped[int | None] = mapped_column()
    read_by: Mapped[str] = mapped_column()
    read_at: Mapped[datetime] = mapped_column()
