"""What the requirements service asks of metrics."""

from dataclasses import replace
from uuid import UUID

from pydantic import BaseModel

from services.chassis.http_client import ServiceClient
from services.chassis.identity import system_principal


class SeenCalibration(BaseModel):
    """How earlier promises were kept."""

    count: int
    factor: float
    realised: float | None = None
    hit_rate: float
    outcome_ids: list[UUID] = []


class SeenCalibrations(BaseModel):
    """By group; for the whole workspace there is one, or none while nothing was measured."""

    groups: list[SeenCalibration]


class MetricsClient(ServiceClient):
    """Asks about promises and outcomes."""

    async def calibration(self, *, workspace_id: UUID) -> SeenCalibration | None:
        """All promises of the workspace together. Raises NeighbourDown."""
        asking = replace(
            system_principal("requirements", workspace_id=workspace_id), scopes=frozenset({"metrics:read"})
        )
        answer = await self.get("/v1/calibration", on_behalf_of=asking, model=SeenCalibrations)
        return next(iter(answer.groups), None)
