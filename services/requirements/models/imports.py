"""Files on their way to feedback, and what became of each record."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase, within


class FeedbackImport(VersionedRow, RequirementsBase):
    """A file, how it is to be read, and how far that has come."""

    __tablename__ = "feedback_import"

    format: Mapped[str] = mapped_column()
    source: Mapped[str] = mapped_column()
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB)
    defaults: Mapped[dict[str, Any]] = mapped_column(JSONB)
    operation_id: Mapped[str | None] = mapped_column()
    is_dry_run: Mapped[bool] = mapped_column()
    parts: Mapped[int] = mapped_column()
    bytes: Mapped[int] = mapped_column()
    records: Mapped[int] = mapped_column()
    created: Mapped[int] = mapped_column()
    known: Mapped[int] = mapped_column()
    refused: Mapped[int] = mapped_column()
    skipped: Mapped[int] = mapped_column()
    made_by: Mapped[str] = mapped_column()
    made_by_kind: Mapped[str] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()


class ImportPart(RequirementsBase):
    """A piece of the file, kept until it has been imported."""

    __tablename__ = "import_part"
    __table_args__ = (within("feedback_import", "import_id", on_delete="CASCADE"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRecord(RequirementsBase):
    """What became of a record: an id, or why there is none; never what stood in it."""

    __tablename__ = "import_record"
    __table_args__ = (within("feedback_import", "import_id", on_delete="CASCADE"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[str] = mapped_column()
    feedback_id: Mapped[UUID | None] = mapped_column()
    errors: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
