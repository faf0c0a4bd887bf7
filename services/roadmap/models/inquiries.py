"""Inquiries: what was asked of a finished optimisation, and the immutable answer. Rows are added and read only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by


class Inquiry(WorkspaceRow, RoadmapBase):
    """A question about an optimisation's answer: `what_if`, `frontier` or `explain`."""

    __tablename__ = "inquiry"
    __table_args__ = (owned_by("optimization", "optimization_id"), Index(None, "workspace_id", "optimization_id"))

    optimization_id: Mapped[UUID] = mapped_column()
    operation_id: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_by: Mapped[str] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class InquiryAnswer(WorkspaceRow, RoadmapBase):
    """The answer to the inquiry of the same id."""

    __tablename__ = "inquiry_answer"
    __table_args__ = (owned_by("inquiry", "id"),)

    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column()
