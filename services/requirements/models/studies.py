"""Research as a thing of its own: what was asked, of whom, and what was found."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within


class Study(VersionedRow, RequirementsBase):
    """A question put to users or to the market, and how."""

    __tablename__ = "study"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    title: Mapped[str] = mapped_column()
    question: Mapped[str] = mapped_column()
    method: Mapped[str] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    conclusion: Mapped[str] = mapped_column()


class StudyParticipant(VersionedRow, RequirementsBase):
    """Somebody who takes part."""

    __tablename__ = "study_participant"
    __table_args__ = (
        UniqueConstraint("workspace_id", "study_id", "contact_id"),
        within("study", "study_id", on_delete="CASCADE"),
        within("contact", "contact_id"),
        Index(None, "workspace_id", "contact_id"),
    )

    study_id: Mapped[UUID] = mapped_column()
    contact_id: Mapped[UUID] = mapped_column()


class StudyResponse(RequirementsBase):
    """Feedback that came in answer to a study."""

    __tablename__ = "study_response"
    __table_args__ = (
        within("study", "study_id", on_delete="CASCADE"),
        within("feedback", "feedback_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "study_id", "feedback_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    study_id: Mapped[UUID] = mapped_column()


class Finding(VersionedRow, RequirementsBase):
    """What a study has found, and the words that it rests on."""

    __tablename__ = "finding"
    __table_args__ = (within("study", "study_id", on_delete="CASCADE"), Index(None, "workspace_id", "study_id"))

    study_id: Mapped[UUID] = mapped_column()
    statement: Mapped[str] = mapped_column()
    quotes: Mapped[list["FindingQuote"]] = relationship(
        lazy="selectin", order_by="FindingQuote.place", cascade="all, delete-orphan", passive_deletes=True
    )


class FindingQuote(RequirementsBase):
    """A customer's words that a finding rests on, and where in the feedback they stand (in characters)."""

    __tablename__ = "finding_quote"
    __table_args__ = (
        within("finding", "finding_id", on_delete="CASCADE"),
        within("feedback", "feedback_id"),
        Index(None, "workspace_id", "feedback_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    finding_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column()
    quote: Mapped[str] = mapped_column()
    start_offset: Mapped[int] = mapped_column()
    end_offset: Mapped[int] = mapped_column()
