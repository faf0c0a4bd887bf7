"""What is asked for already: requirements as meanings and words, suggestions and what became of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import REAL, CheckConstraint, Double, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.language.model import DIMENSIONS
from services.requirements.models.base import RequirementsBase, within


class RequirementMeaning(RequirementsBase):
    """What a requirement means: its own words as a vector, and the mean of them and of its quotes' feedback."""

    __tablename__ = "requirement_meaning"
    __table_args__ = (within("requirement", "requirement_id", on_delete="CASCADE"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    requirement_id: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column()
    words_digest: Mapped[str] = mapped_column()
    own: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS))
    centre: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS))


class RequirementWord(RequirementsBase):
    """A stem that stands in a requirement or in the feedback that it quotes: an inverted index under the policy."""

    __tablename__ = "requirement_word"
    __table_args__ = (
        within("requirement", "requirement_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "requirement_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    lexeme: Mapped[str] = mapped_column(primary_key=True)
    requirement_id: Mapped[UUID] = mapped_column(primary_key=True)


class Suggestion(VersionedRow, RequirementsBase):
    """That a piece of feedback asks for a requirement that is there; a person decides."""

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'accepted', 'dismissed')", name="status"),
        UniqueConstraint("workspace_id", "feedback_id", "requirement_id"),
        within("feedback", "feedback_id", on_delete="CASCADE"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
        within("evidence", "evidence_id", on_delete="SET NULL (evidence_id)"),
        Index(None, "workspace_id", "requirement_id"),
        Index(None, "workspace_id", "evidence_id"),
    )

    feedback_id: Mapped[UUID] = mapped_column()
    requirement_id: Mapped[UUID] = mapped_column()
    status: Mapped[str] = mapped_column()
    probability: Mapped[float | None] = mapped_column(REAL)
    best: Mapped[float | None] = mapped_column(REAL)
    centre: Mapped[float | None] = mapped_column(REAL)
    words: Mapped[float | None] = mapped_column(REAL)
    features: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    calibrator: Mapped[str | None] = mapped_column()
    evidence_id: Mapped[UUID | None] = mapped_column()
    decided_by: Mapped[str | None] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    reason: Mapped[str | None] = mapped_column()


class WorkspaceCalibrator(RequirementsBase):
    """The weights that a workspace's own decisions led to."""

    __tablename__ = "workspace_calibrator"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    weights: Mapped[list[float]] = mapped_column(ARRAY(Double))
    intercept: Mapped[float] = mapped_column(Double)
    decisions: Mapped[int] = mapped_column()
    fitted_at: Mapped[datetime] = mapped_column()


class Merge(VersionedRow, RequirementsBase):
    """Two requirements that asked the same, and which quotes moved, so that it can be undone exactly."""

    __tablename__ = "merge"
    __table_args__ = (
        CheckConstraint("kept_id <> merged_id", name="distinct"),
        within("requirement", "kept_id", on_delete="CASCADE"),
        within("requirement", "merged_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "kept_id"),
        Index(None, "workspace_id", "merged_id"),
    )

    kept_id: Mapped[UUID] = mapped_column()
    merged_id: Mapped[UUID] = mapped_column()
    moved_evidence_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    reason: Mapped[str | None] = mapped_column()
    merged_by: Mapped[str] = mapped_column()
    undone_at: Mapped[datetime | None] = mapped_column()
    undone_by: Mapped[str | None] = mapped_column()
