"""What the two clients share: things looked up by id, in the service's own name."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from services.chassis.http_client import ServiceClient
from services.chassis.identity import Principal, system_principal

Seen = TypeVar("Seen", bound="SeenThing")

BATCH = 100


class SeenThing(BaseModel):
    """What every resource of the API has."""

    id: UUID
    etag: str

    @property
    def version(self) -> int:
        return int(self.etag.strip('"'))


class SeenPage(BaseModel):
    """A list's items, still to be read."""

    items: list[dict[str, object]]


class LookUpClient(ServiceClient):
    """Looks things up by id."""

    async def look_up(
        self, path: str, ids: Collection[UUID], *, scope: str, workspace_id: UUID, model: type[Seen], **filters: Any
    ) -> dict[UUID, Seen]:
        """Those that exist. The caller's own scopes do not matter: what is learnt is only that a thing is there."""
        asking = reader(workspace_id, scope)
        wanted = sorted(ids)
        found: dict[UUID, Seen] = {}
        for begin in range(0, len(wanted), BATCH):
            batch = ",".join(str(each) for each in wanted[begin : begin + BATCH])
            params = {"ids": batch, "limit": BATCH, **filters}
            page = await self.get(path, on_behalf_of=asking, model=SeenPage, params=params)
            seen = [model.model_validate(item) for item in page.items]
            found |= {each.id: each for each in seen}
        return found


def reader(workspace_id: UUID, scope: str) -> Principal:
    """This service in its own name, allowed to read one thing."""
    return replace(system_principal("roadmap", workspace_id=workspace_id), scopes=frozenset({scope}))
