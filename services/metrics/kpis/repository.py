"""The only SQL about KPI definitions."""

from collections.abc import Collection
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, select

from services.chassis.repository import Repository
from services.metrics.models import Experiment, Kpi, KpiVersion, Outcome


class KpiRepository(Repository[Kpi]):
    model: ClassVar[Any] = Kpi

    def search(self, *, tag: str | None, name: str | None) -> Select[Kpi]:
        """KPIs with a tag, or whose name holds a text."""
        query = self.rows()
        if tag is not None:
            query = query.where(Kpi.tags.contains([tag]))
        if name is not None:
            query = query.where(Kpi.name.icontains(name, autoescape=True))
        return query

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        query = select(Kpi.id).where(Kpi.workspace_id == self.workspace_id, Kpi.name == name)
        if other_than is not None:
            query = query.where(Kpi.id != other_than)
        return await self.session.scalar(query.limit(1)) is not None

    async def missing(self, ids: Collection[UUID]) -> set[UUID]:
        """Which of these ids no KPI has."""
        found = await self.by_ids(ids)
        return set(ids) - found.keys()

    async def is_used(self, kpi_id: UUID) -> bool:
        """Whether an outcome or an experiment rests on the KPI, or another KPI takes it as a control."""
        outcome = exists().where(Outcome.workspace_id == self.workspace_id, Outcome.kpi_id == kpi_id)
        control = exists().where(Kpi.workspace_id == self.workspace_id, Kpi.control_kpi_ids.contains([str(kpi_id)]))
        experiment = exists().where(Experiment.workspace_id == self.workspace_id, Experiment.kpi_id == kpi_id)
        return bool(await self.session.scalar(select(outcome | control | experiment)))


class KpiVersionRepository(Repository[KpiVersion]):
    model: ClassVar[Any] = KpiVersion

    def of(self, kpi_id: UUID) -> Select[KpiVersion]:
        """Every form of one definition."""
        return self.rows().where(KpiVersion.kpi_id == kpi_id)
