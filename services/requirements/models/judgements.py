"""What single people say of a requirement: estimates, judgements of feasibility, answers to Kano's questions."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.domain.feasibility import Aspect
from services.requirements.domain.kano import Answer
from services.requirements.models.base import RequirementsBase, within

ANSWERS = tuple(map(str, Answer))


class PersonalEstimate(VersionedRow, RequirementsBase):
    """What one person estimates, kept apart from the others."""

    __tablename__ = "personal_estimate"
    __table_args__ = (
        UniqueConstraint("workspace_id", "requirement_id", "estimator"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    estimator: Mapped[str] = mapped_column()
    estimates: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column()


class FeasibilityJudgement(VersionedRow, RequirementsBase):
    """The chance, as a range, that one expert gives one aspect of a requirement."""

    __tablename__ = "feasibility_judgement"
    __table_args__ = (
        CheckConstraint(f"aspect IN {tuple(map(str, Aspect))!r}", name="aspect"),
        UniqueConstraint("workspace_id", "requirement_id", "aspect", "expert"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    expert: Mapped[str] = mapped_column()
    aspect: Mapped[str] = mapped_column()
    chance: Mapped[dict[str, float]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column()


class KanoAnswer(VersionedRow, RequirementsBase):
    """How somebody would feel with what is required, and without it."""

    __tablename__ = "kano_answer"
    __table_args__ = (
        CheckConstraint(f"functional IN {ANSWERS!r} AND dysfunctional IN {ANSWERS!r}", name="answers"),
        CheckConstraint("importance BETWEEN 1 AND 9", name="importance"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
        within("contact", "contact_id"),
        Index(None, "workspace_id", "requirement_id"),
        Index(
            "uq_kano_answer_contact",
            "workspace_id",
            "requirement_id",
            "contact_id",
            unique=True,
            postgresql_where=sql("contact_id IS NOT NULL"),
        ),
        Index(None, "workspace_id", "contact_id", postgresql_where=sql("contact_id IS NOT NULL")),
    )

    requirement_id: Mapped[UUID] = mapped_column()
    contact_id: Mapped[UUID | None] = mapped_column()
    functional: Mapped[str] = mapped_column()
    dysfunctional: Mapped[str] = mapped_column()
    importance: Mapped[int | None] = mapped_column(SmallInteger)
