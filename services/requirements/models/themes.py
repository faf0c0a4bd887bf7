"""What several customers say, found by meaning."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import REAL, Index, String
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.domain.evidence import opening
from services.requirements.language.model import DIMENSIONS
from services.requirements.models.base import RequirementsBase, within
from services.requirements.models.feedback import Feedback


class Theme(VersionedRow, RequirementsBase):
    """Something that several customers say."""

    __tablename__ = "theme"
    __table_args__ = (within("feedback", "quoted_feedback_id", on_delete="SET NULL (quoted_feedback_id)"),)

    name: Mapped[str] = mapped_column()
    words: Mapped[list[str]] = mapped_column(ARRAY(String))
    size: Mapped[int] = mapped_column()
    quoted_feedback_id: Mapped[UUID | None] = mapped_column()
    centre: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS), deferred=True, info={"secret": True})
    rebuilt_at: Mapped[datetime] = mapped_column()
    retired_at: Mapped[datetime | None] = mapped_column()
    is_named_by_hand: Mapped[bool] = mapped_column(server_default=sql("false"))
    quoted: Mapped[Feedback | None] = relationship(viewonly=True, lazy="joined")

    @property
    def quote(self) -> str | None:
        """The beginning of the feedback that stands for the theme."""
        return opening(self.quoted.text).text if self.quoted is not None else None


class ThemeMember(RequirementsBase):
    """Which theme a piece of feedback belongs to, and how near to its centre it lies (cosine)."""

    __tablename__ = "theme_member"
    __table_args__ = (
        within("feedback", "feedback_id", on_delete="CASCADE"),
        within("theme", "theme_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "theme_id", "feedback_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    theme_id: Mapped[UUID] = mapped_column()
    similarity: Mapped[float] = mapped_column(REAL)
