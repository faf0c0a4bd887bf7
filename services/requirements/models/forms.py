"""Forms that stand in web pages, what came through them, and votes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within


class IntakeForm(VersionedRow, RequirementsBase):
    """What a public form asks, from which pages it may be sent, and how often."""

    __tablename__ = "intake_form"

    name: Mapped[str] = mapped_column()
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    channel: Mapped[str | None] = mapped_column()
    product_area: Mapped[str | None] = mapped_column()
    consent_wording: Mapped[str | None] = mapped_column()
    consent_purposes: Mapped[list[str]] = mapped_column(ARRAY(String))
    allowed_origins: Mapped[list[str]] = mapped_column(ARRAY(String))
    max_per_minute: Mapped[int] = mapped_column(SmallInteger)
    votable_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    is_open: Mapped[bool] = mapped_column()


class FormSubmission(RequirementsBase):
    """When something came through a form; `feedback_id` is empty for a vote, and for what only a machine fills in."""

    __tablename__ = "form_submission"
    __table_args__ = (
        within("intake_form", "form_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "form_id", "submitted_at"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    form_id: Mapped[UUID] = mapped_column()
    feedback_id: Mapped[UUID | None] = mapped_column()
    submitted_at: Mapped[datetime] = mapped_column()


class Vote(VersionedRow, RequirementsBase):
    """Somebody wants a requirement or a theme; one vote for each."""

    __tablename__ = "vote"
    __table_args__ = (
        CheckConstraint("num_nonnulls(requirement_id, theme_id) = 1", name="subject"),
        UniqueConstraint("workspace_id", "requirement_id", "contact_id"),
        UniqueConstraint("workspace_id", "theme_id", "contact_id"),
        within("contact", "contact_id"),
        within("requirement", "requirement_id", on_delete="CASCADE"),
        within("theme", "theme_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "contact_id"),
    )

    requirement_id: Mapped[UUID | None] = mapped_column()
    theme_id: Mapped[UUID | None] = mapped_column()
    contact_id: Mapped[UUID] = mapped_column()
