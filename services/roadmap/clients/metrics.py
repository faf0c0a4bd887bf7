"""What the roadmap asks of the metrics service."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.roadmap.clients.neighbours import LookUpClient, SeenThing, reader


class SeenKpi(SeenThing):
    """A KPI, as far as the roadmap reads it."""

    name: str
    unit: str | None = None
    direction: str | None = None


class SeenTarget(SeenThing):
    """A target; that it is there is all that is learnt."""


class SeenPoint(BaseModel):
    """One period of a KPI."""

    ends_at: datetime
    value: float | None


class SeenSeries(BaseModel):
    """A KPI over time."""

    points: list[SeenPoint]


@dataclass(frozen=True)
class LatestFigure:
    """How a KPI stands: the last period that has a figure, and when that period ends."""

    value: float
    at: datetime


class MetricsClient(LookUpClient):
    """Asks about KPIs."""

    async def kpis(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenKpi]:
        """The KPIs that exist among these. Raises NeighbourDown."""
        return await self.look_up("/v1/kpis", ids, scope="metrics:read", workspace_id=workspace_id, model=SeenKpi)

    async def targets(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenTarget]:
        """The targets that exist among these. Raises NeighbourDown."""
        return await self.look_up("/v1/targets", ids, scope="metrics:read", workspace_id=workspace_id, model=SeenTarget)

    async def latest(self, kpi_id: UUID, *, workspace_id: UUID) -> LatestFigure | None:
        """The last figure of the last ninety days. Raises NotFound, NeighbourDown."""
        series = await self.get(
            f"/v1/kpis/{kpi_id}/series", on_behalf_of=reader(workspace_id, "metrics:read"), model=SeenSeries
        )
        for point in reversed(series.points):
            if point.value is not None:
                return LatestFigure(point.value, point.ends_at)
        return None
