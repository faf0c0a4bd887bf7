"""What a piece of feedback is: its language, kind, mood, and whether it is spam."""

from datetime import datetime

from sqlalchemy import REAL, CheckConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within

QUARANTINED = "spam_status = 'quarantined'"


def not_quarantined(feedback_id: str) -> str:
    """A condition for plain SQL: what has this id, a column's name, does not wait for a person as possible spam.

    The statement gives `:workspace_id`.
    """
    return f"""NOT EXISTS (
        SELECT FROM understanding AS label
        WHERE label.workspace_id = :workspace_id AND label.id = {feedback_id} AND label.{QUARANTINED}
    )"""


class Understanding(VersionedRow, RequirementsBase):
    """The labels of a piece of feedback, whose id it shares; what a person says stands beside what the models say."""

    __tablename__ = "understanding"
    __table_args__ = (
        CheckConstraint("spam_status IN ('clear', 'quarantined', 'released')", name="spam_status"),
        within("feedback", "id", on_delete="CASCADE"),
        Index(None, "workspace_id", "text_digest"),
        Index(None, "workspace_id", "kind"),
        Index(None, "workspace_id", "id", postgresql_where=sql(QUARANTINED)),
    )

    feedback_version: Mapped[int] = mapped_column()
    language: Mapped[str | None] = mapped_column()
    language_probability: Mapped[float] = mapped_column(REAL)
    kind: Mapped[str | None] = mapped_column()
    kind_probability: Mapped[float] = mapped_column(REAL)
    sentiment: Mapped[str | None] = mapped_column()
    sentiment_probability: Mapped[float] = mapped_column(REAL)
    spam_probability: Mapped[float] = mapped_column(REAL)
    spam_status: Mapped[str] = mapped_column()
    models: Mapped[dict[str, str]] = mapped_column(JSONB)
    corrected: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sql("'{}'"))
    corrected_by: Mapped[str | None] = mapped_column()
    corrected_at: Mapped[datetime | None] = mapped_column()
    text_digest: Mapped[str] = mapped_column()
