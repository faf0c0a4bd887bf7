"""Versions that a roadmap was published as, and scenarios that are tried out beside it."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.features import Feature

SCENARIO_STATUSES = ("open", "merged")


class RoadmapVersion(WorkspaceRow, RoadmapBase):
    """A roadmap as it stood when somebody published it; the application may write it once and change nothing."""

    __tablename__ = "roadmap_version"
    is_told: ClassVar[bool] = True
    __table_args__ = (owned_by("roadmap", "roadmap_id"), UniqueConstraint("workspace_id", "roadmap_id", "number"))

    roadmap_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column()
    note: Mapped[str] = mapped_column()
    places: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    published_by: Mapped[str] = mapped_column()
    published_at: Mapped[datetime] = mapped_column()


class Scenario(VersionedRow, RoadmapBase):
    """A roadmap as it could be; `base` is where it branched off, so that a merge can tell who changed what."""

    __tablename__ = "scenario"
    __table_args__ = (
        owned_by("roadmap", "roadmap_id"),
        CheckConstraint(f"status IN {SCENARIO_STATUSES!r}", name="status"),
        Index(None, "workspace_id", "roadmap_id"),
    )

    roadmap_id: Mapped[UUID] = mapped_column()
    version_id: Mapped[UUID | None] = mapped_column()
    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    base: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    merged_by: Mapped[str | None] = mapped_column()
    merged_at: Mapped[datetime | None] = mapped_column()


class ScenarioItem(VersionedRow, RoadmapBase):
    """A feature's place in a scenario."""

    __tablename__ = "scenario_item"
    __table_args__ = (
        owned_by("scenario", "scenario_id"),
        owned_by("feature", "feature_id"),
        UniqueConstraint("workspace_id", "scenario_id", "feature_id"),
        CheckConstraint("horizon IN ('now', 'next', 'later')", name="horizon"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index(None, "workspace_id", "feature_id"),
    )

    scenario_id: Mapped[UUID] = mapped_column()
    feature_id: Mapped[UUID] = mapped_column()
    horizon: Mapped[str | None] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    is_pinned: Mapped[bool] = mapped_column()

    feature: Mapped[Feature] = relationship(lazy="raise", viewonly=True)
