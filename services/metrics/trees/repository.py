"""The only SQL about edges between KPIs."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, select

from services.chassis.repository import Repository
from services.metrics.models import KpiEdge, KpiInput


class KpiEdgeRepository(Repository[KpiEdge]):
    model: ClassVar[Any] = KpiEdge

    def search(self, *, kpi_id: UUID | None, driver_kpi_id: UUID | None) -> Select[KpiEdge]:
        wanted = {"kpi_id": kpi_id, "driver_kpi_id": driver_kpi_id}
        return self.rows().where(
            *(getattr(KpiEdge, name) == value for name, value in wanted.items() if value is not None)
        )

    async def is_drawn(self, *, kpi_id: UUID, driver_kpi_id: UUID) -> bool:
        query = self.search(kpi_id=kpi_id, driver_kpi_id=driver_kpi_id)
        return (await self.session.scalars(query)).one_or_none() is not None

    async def pairs(self) -> Sequence[tuple[UUID, UUID]]:
        """Every KPI with a driver of it."""
        rows = await self.session.execute(
            select(KpiEdge.kpi_id, KpiEdge.driver_kpi_id).where(KpiEdge.workspace_id == self.workspace_id)
        )
        return [(kpi_id, driver_kpi_id) for kpi_id, driver_kpi_id in rows]

    async def below(self, ids: Collection[UUID]) -> Sequence[KpiEdge]:
        """The edges down from these KPIs."""
        return await self.all(self.rows().where(KpiEdge.kpi_id.in_(ids)).order_by(KpiEdge.id))

    async def inputs_below(self, ids: Collection[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """What these KPIs are worked out from."""
        rows = await self.session.execute(
            select(KpiInput.kpi_id, KpiInput.input_kpi_id)
            .where(KpiInput.workspace_id == self.workspace_id, KpiInput.kpi_id.in_(ids))
            .order_by(KpiInput.kpi_id, KpiInput.input_kpi_id)
        )
        return [(kpi_id, input_kpi_id) for kpi_id, input_kpi_id in rows]
