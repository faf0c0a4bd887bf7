"""Visions, every version of them kept, and the initiatives that carry them out."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.links import LinkedRow, linked

INITIATIVE_STATUSES = ("proposed", "active", "done", "dropped")


class Vision(LinkedRow, RoadmapBase):
    """What the product should become, for whom, and what the company gains by it."""

    __tablename__ = "vision"
    __table_args__ = (
        owned_by("product", "product_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "product_id"),
    )

    product_id: Mapped[UUID | None] = mapped_column()
    statement: Mapped[str] = mapped_column()
    target_market: Mapped[str] = mapped_column()
    business_goals: Mapped[list[str]] = mapped_column(JSONB)
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    market_segment_ids = linked("market_segment")
    need_ids = linked("need")
    differentiator_ids = linked("differentiator")
    objective_ids = linked("objective")


class VisionRevision(WorkspaceRow, RoadmapBase):
    """A vision as it was written at one time, and why it was written anew; never altered."""

    __tablename__ = "vision_revision"
    __table_args__ = (owned_by("vision", "vision_id"), UniqueConstraint("workspace_id", "vision_id", "number"))

    vision_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column()
    written_by: Mapped[str] = mapped_column()
    written_at: Mapped[datetime] = mapped_column()


class Initiative(LinkedRow, RoadmapBase):
    """A group of features that together move objectives."""

    __tablename__ = "initiative"
    __table_args__ = (
        owned_by("product", "product_id", on_delete="RESTRICT"),
        CheckConstraint(f"status IN {INITIATIVE_STATUSES!r}", name="status"),
        CheckConstraint("starts_on <= due_on", name="dates"),
        Index(None, "workspace_id", "product_id"),
    )

    product_id: Mapped[UUID | None] = mapped_column()
    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    objective_ids = linked("objective")
    feature_ids = linked("feature")
