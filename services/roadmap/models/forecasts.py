"""Forecasts: what was asked, and the immutable answer that came of it. Rows are added and read, never changed."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.roadmap.models.base import RoadmapBase, owned_by


class Forecast(WorkspaceRow, RoadmapBase):
    """A question about a roadmap, with the plan as it was when it was asked."""

    __tablename__ = "forecast"
    is_told: ClassVar[bool] = True
    __table_args__ = (owned_by("roadmap", "roadmap_id"), Index(None, "workspace_id", "roadmap_id"))

    roadmap_id: Mapped[UUID] = mapped_column()
    operation_id: Mapped[str] = mapped_column()
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    question: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column()
    created_by: Mapped[str] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class ForecastAnswer(WorkspaceRow, RoadmapBase):
    """The answer to the forecast of the same id."""

    __tablename__ = "forecast_answer"
    __table_args__ = (owned_by("forecast", "id"),)

    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column()
