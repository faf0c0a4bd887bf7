"""Which message belongs to which thread."""

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.requirements.models.base import RequirementsBase, within


class EmailMessage(RequirementsBase):
    """A message that came in, or that another one refers to; then it has no feedback yet."""

    __tablename__ = "email_message"
    __table_args__ = (
        within("feedback", "feedback_id", on_delete="CASCADE"),
        Index(None, "workspace_id", "thread_id"),
        Index(None, "workspace_id", "feedback_id", postgresql_where=sql("feedback_id IS NOT NULL")),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[UUID] = mapped_column()
    feedback_id: Mapped[UUID | None] = mapped_column()
