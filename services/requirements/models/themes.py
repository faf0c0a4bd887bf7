"""What several customers say, found by meaning and shaped by people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import REAL, Index, String, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.requirements.domain.evidence import opening
from services.requirements.language.model import DIMENSIONS
from services.requirements.models.base import RequirementsBase, within
from services.requirements.models.feedback import Feedback


class Theme(VersionedRow, RequirementsBase):
    """Something that several customers say.

    `is_by_hand`: a person made it, and no rebuild retires it. `merged_into_id` is where its feedback is shown instead;
    it goes on being found, so that the merge holds through rebuilds and can be undone. `is_heading`: a rebuild put it
    above themes that are alike. A heading, and a group that a person made, has no `centre`.
    """

    __tablename__ = "theme"
    __table_args__ = (
        within("feedback", "quoted_feedback_id", on_delete="SET NULL (quoted_feedback_id)"),
        within("theme", "parent_id", on_delete="SET NULL (parent_id)"),
        within("theme", "merged_into_id", on_delete="SET NULL (merged_into_id)"),
        within("theme", "split_from_id", on_delete="SET NULL (split_from_id)"),
        Index(None, "workspace_id", "parent_id"),
        Index(None, "workspace_id", "merged_into_id"),
        Index(None, "workspace_id", "split_from_id"),
    )

    name: Mapped[str] = mapped_column()
    words: Mapped[list[str]] = mapped_column(ARRAY(String))
    size: Mapped[int] = mapped_column()
    quoted_feedback_id: Mapped[UUID | None] = mapped_column()
    centre: Mapped[Any | None] = mapped_column(HALFVEC(DIMENSIONS), deferred=True, info={"secret": True})
    rebuilt_at: Mapped[datetime] = mapped_column()
    retired_at: Mapped[datetime | None] = mapped_column()
    is_named_by_hand: Mapped[bool] = mapped_column(server_default=sql("false"))
    is_by_hand: Mapped[bool] = mapped_column(server_default=sql("false"))
    is_heading: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    is_parent_by_hand: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    parent_id: Mapped[UUID | None] = mapped_column()
    merged_into_id: Mapped[UUID | None] = mapped_column()
    split_from_id: Mapped[UUID | None] = mapped_column()
    quoted: Mapped[Feedback | None] = relationship(viewonly=True, lazy="joined")

    @property
    def quote(self) -> str | None:
        """The beginning of the feedback that stands for the theme."""
        return opening(self.quoted.text).text if self.quoted is not None else None

    @property
    def shown_as_id(self) -> UUID:
        """The theme under which its feedback is shown: itself, unless it was merged into another."""
        return self.merged_into_id or self.id


class ThemeMember(RequirementsBase):
    """Which theme a piece of feedback is shown under; which one it lies nearest to (cosine), merged or not."""

    __tablename__ = "theme_member"
    __table_args__ = (
        within("feedback", "feedback_id", on_delete="CASCADE"),
        within("theme", "theme_id", on_delete="CASCADE"),
        within("theme", "origin_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "theme_id", "feedback_id"),
        Index(None, "workspace_id", "origin_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    theme_id: Mapped[UUID] = mapped_column()
    origin_id: Mapped[UUID] = mapped_column()
    similarity: Mapped[float] = mapped_column(REAL)


class ThemePin(RequirementsBase):
    """A piece of feedback that a person put into a theme of their own: it stays there, whatever a rebuild finds."""

    __tablename__ = "theme_pin"
    __table_args__ = (
        within("feedback", "feedback_id", on_delete="CASCADE"),
        within("theme", "theme_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "theme_id"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    theme_id: Mapped[UUID] = mapped_column()


class ThemeMerge(VersionedRow, RequirementsBase):
    """Two themes that a person found to be one.

    `origin_ids` are those whose feedback is shown elsewhere since; `parents` the children that were given another
    parent, each with its new one: enough to undo it exactly.
    """

    __tablename__ = "theme_merge"
    __table_args__ = (Index(None, "workspace_id", "kept_id"), Index(None, "workspace_id", "merged_id"))

    kept_id: Mapped[UUID] = mapped_column()
    merged_id: Mapped[UUID] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    origin_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    parents: Mapped[dict[str, str | None]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column()
    undone_at: Mapped[datetime | None] = mapped_column()
