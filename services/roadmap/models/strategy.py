"""Objectives and the key results that say when they are reached."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.roadmap.domain.progress import key_result_progress, objective_progress
from services.roadmap.models.base import RoadmapBase, owned_by

OBJECTIVE_STATUSES = ("active", "achieved", "missed", "abandoned")


class Objective(VersionedRow, RoadmapBase):
    """Something worth reaching within a period."""

    __tablename__ = "objective"
    __table_args__ = (CheckConstraint(f"status IN {OBJECTIVE_STATUSES!r}", name="status"),)

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    @property
    def progress(self) -> float | None:
        return objective_progress([(each.weight, each.progress) for each in self.key_results])

    key_results: Mapped[list["KeyResult"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="KeyResult.id", passive_deletes=True
    )


class KeyResult(VersionedRow, RoadmapBase):
    """A KPI that should go from `start_value` to `target_value`; metrics reports `current_value`."""

    __tablename__ = "key_result"
    is_told: ClassVar[bool] = False  # its objective tells
    __table_args__ = (
        owned_by("objective", "objective_id"),
        CheckConstraint("start_value <> target_value", name="distance"),
        CheckConstraint("weight > 0", name="weight"),
        Index(None, "workspace_id", "objective_id"),
        Index(None, "workspace_id", "kpi_id"),
    )

    objective_id: Mapped[UUID] = mapped_column()
    title: Mapped[str] = mapped_column()
    kpi_id: Mapped[UUID] = mapped_column()
    start_value: Mapped[float] = mapped_column()
    target_value: Mapped[float] = mapped_column()
    current_value: Mapped[float | None] = mapped_column()
    measured_at: Mapped[datetime | None] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    weight: Mapped[float] = mapped_column()

    @property
    def progress(self) -> float | None:
        return key_result_progress(start=self.start_value, target=self.target_value, current=self.current_value)
