"""The living roadmap: what people placed when, and each change with its reason."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow, WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.features import Feature


class Roadmap(VersionedRow, RoadmapBase):
    """A plan that people keep; its version counts every change to what is on it."""

    __tablename__ = "roadmap"

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)


class RoadmapItem(VersionedRow, RoadmapBase):
    """A feature's place on a roadmap. Pinned: no optimisation may move or remove it."""

    __tablename__ = "roadmap_item"
    __table_args__ = (
        owned_by("roadmap", "roadmap_id"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        UniqueConstraint("workspace_id", "roadmap_id", "feature_id"),
        CheckConstraint("horizon IN ('now', 'next', 'later')", name="horizon"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index(None, "workspace_id", "feature_id"),
    )

    roadmap_id: Mapped[UUID] = mapped_column()
    feature_id: Mapped[UUID] = mapped_column()
    horizon: Mapped[str | None] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    is_pinned: Mapped[bool] = mapped_column()
    optimization_id: Mapped[UUID | None] = mapped_column()

    feature: Mapped[Feature] = relationship(lazy="raise", viewonly=True)

    @property
    def is_held(self) -> bool:
        """No proposal moves or removes it: somebody pinned it here, or the feature itself is frozen."""
        return self.is_pinned or self.feature.is_frozen

    def place(self) -> dict[str, Any]:
        """Where it stands, for the record of changes."""
        return {
            "horizon": self.horizon,
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "is_pinned": self.is_pinned,
        }


class RoadmapChange(WorkspaceRow, RoadmapBase):
    """One change to one item, with its reason; written once, never altered."""

    __tablename__ = "roadmap_change"
    __table_args__ = (
        owned_by("roadmap", "roadmap_id"),
        owned_by("decision", "decision_id", on_delete="RESTRICT"),
        CheckConstraint("num_nonnulls(reason, decision_id) > 0", name="grounds"),
        Index(None, "workspace_id", "roadmap_id", "id"),
        Index(None, "workspace_id", "decision_id", postgresql_where=text("decision_id IS NOT NULL")),
    )

    roadmap_id: Mapped[UUID] = mapped_column()
    feature_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    decision_id: Mapped[UUID | None] = mapped_column()
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    optimization_id: Mapped[UUID | None] = mapped_column()
    made_by: Mapped[str] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()
