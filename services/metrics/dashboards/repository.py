"""The only SQL about dashboards."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, or_, select

from services.chassis.repository import Repository
from services.metrics.models import Dashboard, Target


class DashboardRepository(Repository[Dashboard]):
    model: ClassVar[Any] = Dashboard

    def search(self, *, kpi_id: UUID | None) -> Select[Dashboard]:
        """Dashboards, or those that show a KPI."""
        query = self.rows()
        return query if kpi_id is None else query.where(Dashboard.tiles.contains([{"kpi_id": str(kpi_id)}]))

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        query = select(Dashboard.id).where(Dashboard.workspace_id == self.workspace_id, Dashboard.name == name)
        if other_than is not None:
            query = query.where(Dashboard.id != other_than)
        return await self.session.scalar(query.limit(1)) is not None

    async def targets(
        self, *, kpi_ids: Collection[UUID], target_ids: Collection[UUID], today: date
    ) -> Sequence[Target]:
        """The named targets, and those that the KPIs are worked towards today; due first first."""
        row = Target
        is_open = row.kpi_id.in_(kpi_ids) & (row.starts_on <= today) & (row.due_on >= today)
        query = select(row).where(row.workspace_id == self.workspace_id, or_(row.id.in_(target_ids), is_open))
        return (await self.session.scalars(query.order_by(row.due_on, row.id))).all()
