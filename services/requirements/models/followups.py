"""What was told to whom, of what came of their words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.domain.following_up import FollowUpEvent, FollowUpState
from services.requirements.models.base import RequirementsBase, within


class FollowUp(VersionedRow, RequirementsBase):
    """The ledger: one entry for each contact, requirement and event; it says what was sent, or why nothing was."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint(f"event IN {tuple(map(str, FollowUpEvent))!r}", name="event"),
        CheckConstraint(f"state IN {tuple(map(str, FollowUpState))!r}", name="state"),
        CheckConstraint("(state IN ('suppressed', 'failed')) = (reason IS NOT NULL)", name="reason"),
        UniqueConstraint("workspace_id", "contact_id", "requirement_id", "event"),
        within("contact", "contact_id"),
        within("requirement", "requirement_id"),
        Index(None, "workspace_id", "requirement_id"),
        Index("ix_follow_up_waiting", "workspace_id", "id", postgresql_where=sql("state = 'waiting'")),
    )

    contact_id: Mapped[UUID] = mapped_column()
    requirement_id: Mapped[UUID] = mapped_column()
    feedback_id: Mapped[UUID] = mapped_column()
    event: Mapped[str] = mapped_column()
    verdict: Mapped[str | None] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    channel: Mapped[str | None] = mapped_column()
    quote: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    body: Mapped[str] = mapped_column()
    attempts: Mapped[int] = mapped_column()
    settled_at: Mapped[datetime | None] = mapped_column()


class FollowUpTemplate(VersionedRow, RequirementsBase):
    """A workspace's own words for one kind of event."""

    __tablename__ = "follow_up_template"
    __table_args__ = (
        CheckConstraint(f"event IN {tuple(map(str, FollowUpEvent))!r}", name="event"),
        UniqueConstraint("workspace_id", "event"),
    )

    event: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    body: Mapped[str] = mapped_column()


class Unsubscription(VersionedRow, RequirementsBase):
    """A contact who wants no more messages."""

    __tablename__ = "unsubscription"
    __table_args__ = (UniqueConstraint("workspace_id", "contact_id"), within("contact", "contact_id"))

    contact_id: Mapped[UUID] = mapped_column()
