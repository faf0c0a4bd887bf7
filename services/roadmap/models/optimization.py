"""Optimisations: what was asked, the immutable proposal that came of it, and who adopted it.

The application role may insert into these tables and read them, nothing else: a proposal cannot be changed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by


class Optimization(WorkspaceRow, RoadmapBase):
    """A question, with the features as they were when it was asked."""

    __tablename__ = "optimization"
    __table_args__ = (Index(None, "workspace_id", "roadmap_id"),)

    roadmap_id: Mapped[UUID | None] = mapped_column()
    operation_id: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    problem: Mapped[dict[str, Any]] = mapped_column(JSONB)
    conversions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column()
    created_by: Mapped[str] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Proposal(WorkspaceRow, RoadmapBase):
    """The answer to the optimisation of the same id."""

    __tablename__ = "proposal"
    __table_args__ = (owned_by("optimization", "id"),)

    status: Mapped[str] = mapped_column()
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column()


class Adoption(WorkspaceRow, RoadmapBase):
    """Somebody applied a proposal to a roadmap, and said why."""

    __tablename__ = "adoption"
    __table_args__ = (
        owned_by("optimization", "optimization_id"),
        owned_by("decision", "decision_id", on_delete="RESTRICT"),
        CheckConstraint("num_nonnulls(reason, decision_id) > 0", name="grounds"),
        Index(None, "workspace_id", "optimization_id"),
    )

    optimization_id: Mapped[UUID] = mapped_column()
    roadmap_id: Mapped[UUID] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    decision_id: Mapped[UUID | None] = mapped_column()
    adopted_by: Mapped[str] = mapped_column()
    adopted_at: Mapped[datetime] = mapped_column()


class Incumbent(WorkspaceRow, RoadmapBase):
    """The best schedule so far, as the solver found it: if the solver dies, this is what is left."""

    __tablename__ = "incumbent"
    __table_args__ = (
        owned_by("optimization", "optimization_id"),
        UniqueConstraint("workspace_id", "optimization_id", "number"),
    )

    optimization_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    objective: Mapped[float] = mapped_column()
    bound: Mapped[float | None] = mapped_column()
    schedule: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    found_at: Mapped[datetime] = mapped_column()
