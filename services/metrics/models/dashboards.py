"""KPIs that are looked at together."""

from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.metrics.models.base import MetricsBase


class Dashboard(VersionedRow, MetricsBase):
    """Tiles in their order. They are changed as a whole; a KPI on one is not deleted (see `KpiRepository.is_used`)."""

    __tablename__ = "dashboard"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    tiles: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
