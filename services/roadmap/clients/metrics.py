"""What the roadmap asks of the metrics service."""

from collections.abc import Collection
from uuid import UUID

from services.roadmap.clients.neighbours import LookUpClient, SeenThing


class SeenKpi(SeenThing):
    """A KPI, as far as the roadmap reads it."""

    name: str
    unit: str | None = None
    direction: str | None = None


class MetricsClient(LookUpClient):
    """Asks about KPIs."""

    async def kpis(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenKpi]:
        """The KPIs that exist among these. Raises NeighbourDown."""
        return await self.look_up("/v1/kpis", ids, scope="metrics:read", workspace_id=workspace_id, model=SeenKpi)
