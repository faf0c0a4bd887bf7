"""What the roadmap asks of the requirements service."""

from collections.abc import Collection
from uuid import UUID

from services.roadmap.clients.neighbours import LookUpClient, SeenThing


class SeenRequirement(SeenThing):
    """A requirement, as far as the roadmap reads it."""

    title: str
    status: str | None = None


class RequirementsClient(LookUpClient):
    """Asks about requirements."""

    async def requirements(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenRequirement]:
        """The requirements that exist among these. Raises NeighbourDown."""
        return await self.look_up(
            "/v1/requirements", ids, scope="requirements:read", workspace_id=workspace_id, model=SeenRequirement
        )
