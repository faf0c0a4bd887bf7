"""The SQL that finds which KPIs count a metric."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from sqlalchemy import select

from services.chassis.repository import Repository
from services.metrics.models import Kpi


class MetricKpis(Repository[Kpi]):
    model: ClassVar[Any] = Kpi

    async def counting(self, metrics: Collection[str]) -> Sequence[Kpi]:
        """The KPIs whose source is one of these metrics."""
        source = Kpi.calculation[("source", "metric")].astext
        query = select(Kpi).where(Kpi.workspace_id == self.workspace_id, Kpi.kind == "simple", source.in_(metrics))
        return (await self.session.scalars(query)).all()
