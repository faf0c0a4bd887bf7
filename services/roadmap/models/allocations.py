"""Allocations: people who are booked for something, for a while."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.roadmap.models.base import RoadmapBase, owned_by


class Allocation(VersionedRow, RoadmapBase):
    """People of one skill of a team; for a feature, or for what no roadmap shows: upkeep, support, a fair."""

    __tablename__ = "allocation"
    __table_args__ = (
        owned_by("team", "team_id", on_delete="RESTRICT"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index(None, "workspace_id", "team_id", "starts_on"),
    )

    team_id: Mapped[UUID] = mapped_column()
    skill: Mapped[str] = mapped_column()
    people: Mapped[float] = mapped_column()
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    title: Mapped[str] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
