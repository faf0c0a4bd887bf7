"""What the requirements service asks of the roadmap."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.chassis.http_client import ServiceClient
from services.chassis.identity import Principal, system_principal

BATCH = 100
PATHS: Mapping[str, str] = {"objective": "/v1/objectives", "persona": "/v1/personas", "need": "/v1/needs"}


class SeenThing(BaseModel):
    """That it is there is all that is asked."""

    id: UUID


class SeenPage(BaseModel):
    """A list's items."""

    items: list[SeenThing]


class SeenNeed(BaseModel):
    """How many days are missing of what was asked for."""

    short_days: float


class SeenFit(BaseModel):
    """In the order asked."""

    needs: list[SeenNeed]


class RoadmapClient(ServiceClient):
    """Asks about what the roadmap owns."""

    async def existing(self, noun: str, ids: Collection[UUID], *, workspace_id: UUID) -> set[UUID]:
        """Those of these objectives, personas or needs that exist. Raises NeighbourDown.

        Asked in the service's own name: what is learnt is only that a thing is there.
        """
        wanted, found = sorted(ids), set[UUID]()
        for begin in range(0, len(wanted), BATCH):
            params = {"ids": ",".join(map(str, wanted[begin : begin + BATCH])), "limit": BATCH}
            page = await self.get(PATHS[noun], on_behalf_of=_reader(workspace_id), model=SeenPage, params=params)
            found |= {each.id for each in page.items}
        return found

    async def short_days(self, question: Mapping[str, Any], *, workspace_id: UUID) -> list[float]:
        """The days that are missing of each need, in the order asked. Raises Invalid, NeighbourDown, BadGateway."""
        path = "/v1/workload/fit"
        answer = await self.post(path, on_behalf_of=_reader(workspace_id), json=dict(question), model=SeenFit)
        return [each.short_days for each in answer.needs]


def _reader(workspace_id: UUID) -> Principal:
    return replace(system_principal("requirements", workspace_id=workspace_id), scopes=frozenset({"roadmap:read"}))
