"""What the roadmap remembers of its neighbours' things, kept in step by their feeds."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.roadmap.models.base import RoadmapBase


class RequirementCopy(WorkspaceRow, RoadmapBase):
    """A requirement as last heard of; `source_version` keeps an older word from undoing a newer one."""

    __tablename__ = "requirement_copy"

    title: Mapped[str | None] = mapped_column()
    status: Mapped[str | None] = mapped_column()
    source_version: Mapped[int] = mapped_column()
    is_deleted: Mapped[bool] = mapped_column()
    refreshed_at: Mapped[datetime] = mapped_column()


class KpiCopy(WorkspaceRow, RoadmapBase):
    """A KPI as last heard of."""

    __tablename__ = "kpi_copy"

    name: Mapped[str | None] = mapped_column()
    unit: Mapped[str | None] = mapped_column()
    direction: Mapped[str | None] = mapped_column()
    source_version: Mapped[int] = mapped_column()
    is_deleted: Mapped[bool] = mapped_column()
    refreshed_at: Mapped[datetime] = mapped_column()
