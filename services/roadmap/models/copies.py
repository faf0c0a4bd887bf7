"""What the roadmap remembers of its neighbours' things, kept in step by their feeds."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import WorkspaceRow
from services.roadmap.models.base import RoadmapBase


class CopyRow(WorkspaceRow):
    """Mixin: something as last heard of; `source_version` keeps an older word from undoing a newer one."""

    source_version: Mapped[int] = mapped_column(sort_order=1)
    is_deleted: Mapped[bool] = mapped_column(sort_order=1)
    refreshed_at: Mapped[datetime] = mapped_column(sort_order=1)


class RequirementCopy(CopyRow, RoadmapBase):
    """A requirement."""

    __tablename__ = "requirement_copy"

    title: Mapped[str | None] = mapped_column()
    status: Mapped[str | None] = mapped_column()
    kind: Mapped[str | None] = mapped_column()


class KpiCopy(CopyRow, RoadmapBase):
    """A KPI."""

    __tablename__ = "kpi_copy"

    name: Mapped[str | None] = mapped_column()
    unit: Mapped[str | None] = mapped_column()
    direction: Mapped[str | None] = mapped_column()


class ThemeCopy(CopyRow, RoadmapBase):
    """A theme: how much belongs to it, and none of the customers' words."""

    __tablename__ = "theme_copy"

    size: Mapped[int | None] = mapped_column()


class CompanyCopy(CopyRow, RoadmapBase):
    """A company: that it is there is all that is known."""

    __tablename__ = "company_copy"


class TargetCopy(CopyRow, RoadmapBase):
    """A target of a KPI: that it is there is all that is known."""

    __tablename__ = "target_copy"
