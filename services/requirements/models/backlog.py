"""Needs worth answering, and the words that they rest on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.domain.relations import RelationKind
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
    kind: Mapped[str] = mapped_column()
    owner: Mapped[str | None] = mapped_column()
    product_area: Mapped[str | None] = mapped_column()
    acceptance_criteria: Mapped[list[str]] = mapped_column(ARRAY(String))
    persona_id: Mapped[UUID | None] = mapped_column()
    need_id: Mapped[UUID | None] = mapped_column()
    objectives: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    custom_fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
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


class RequirementRevision(RequirementsBase):
    """A version of a requirement as it stood: who made it so, when, and by what."""

    __tablename__ = "requirement_revision"
    __table_args__ = (
        within("requirement", "requirement_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "requirement_id", "at"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    requirement_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[str] = mapped_column()
    changed_by: Mapped[str] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RequirementRelation(VersionedRow, RequirementsBase):
    """One requirement requires, excludes, couples or duplicates another."""

    __tablename__ = "requirement_relation"
    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(map(str, RelationKind))!r}", name="kind"),
        CheckConstraint("requirement_id <> other_id", name="ends"),
        UniqueConstraint("workspace_id", "requirement_id", "other_id", "kind"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
        within("requirement", "other_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "other_id"),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    other_id: Mapped[UUID] = mapped_column()
    reason: Mapped[str | None] = mapped_column()


class RequirementComment(VersionedRow, RequirementsBase):
    """What somebody of the team said of a requirement."""

    __tablename__ = "requirement_comment"
    __table_args__ = (
        within("requirement", "requirement_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "requirement_id"),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    text: Mapped[str] = mapped_column()
    author: Mapped[str] = mapped_column()
