"""Decisions: what was decided, why, and what the decision rests on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.roadmap.domain.grounds import CITABLE
from services.roadmap.models.base import LinkRow, RoadmapBase, owned_by


class Decision(VersionedRow, RoadmapBase):
    """Kept as it was taken; another decision may supersede it, nothing else changes."""

    __tablename__ = "decision"
    __table_args__ = (
        owned_by("decision", "supersedes_id", on_delete="RESTRICT"),
        Index("uq_decision_supersedes", "workspace_id", "supersedes_id", unique=True),
    )

    title: Mapped[str] = mapped_column()
    rationale: Mapped[str] = mapped_column()
    alternatives: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    decided_by: Mapped[str] = mapped_column()
    decided_at: Mapped[datetime] = mapped_column()
    supersedes_id: Mapped[UUID | None] = mapped_column()
    superseded_by_id: Mapped[UUID | None] = mapped_column()

    cites: Mapped[list["Citation"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="(Citation.kind, Citation.cited_id)", passive_deletes=True
    )


class Citation(LinkRow, RoadmapBase):
    """Something that a decision rests on, here or in a neighbour."""

    __tablename__ = "citation"
    __table_args__ = (
        owned_by("decision", "decision_id"),
        CheckConstraint(f"kind IN {CITABLE!r}", name="kind"),
        Index(None, "workspace_id", "cited_id"),
    )

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    cited_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column()
