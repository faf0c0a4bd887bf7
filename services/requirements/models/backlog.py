"""Needs worth answering, and the words that they rest on."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.domain.states import RequirementStatus
from services.requirements.models.base import RequirementsBase, within


class Requirement(VersionedRow, RequirementsBase):
    """A need worth answering, what it is estimated at, and how far it has come."""

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint(f"status IN {tuple(map(str, RequirementStatus))!r}", name="status"),
        within("theme", "theme_id"),
        within("requirement", "merged_into_id"),
        Index(None, "workspace_id", "merged_into_id", postgresql_where=sql("merged_into_id IS NOT NULL")),
        Index(None, "workspace_id", "theme_id", postgresql_where=sql("theme_id IS NOT NULL")),
        Index(None, "workspace_id", "status"),
    )

    title: Mapped[str] = mapped_column()
    problem: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    status_reason: Mapped[str | None] = mapped_column()
    theme_id: Mapped[UUID | None] = mapped_column()
    merged_into_id: Mapped[UUID | None] = mapped_column()
    estimates: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evidence_count: Mapped[int] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB, server_default=sql("'{}'"))
    evidence: Mapped[list["Evidence"]] = relationship(
        lazy="raise", order_by="Evidence.id", cascade="all, delete-orphan", passive_deletes=True
    )


class Evidence(VersionedRow, RequirementsBase):
    """A customer's words that a requirement rests on, and where in the feedback they stand (in characters)."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("strength BETWEEN 0 AND 3", name="strength"),
        CheckConstraint("start_offset >= 0 AND end_offset > start_offset", name="offsets"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
        within("feedback", "feedback_id"),
        Index(None, "workspace_id", "requirement_id"),
        Index(None, "workspace_id", "feedback_id"),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    feedback_id: Mapped[UUID] = mapped_column()
    quote: Mapped[str] = mapped_column()
    start_offset: Mapped[int] = mapped_column()
    end_offset: Mapped[int] = mapped_column()
    strength: Mapped[int] = mapped_column(SmallInteger)
    judged_by: Mapped[str] = mapped_column()
