"""Asks a service for its part of a chain."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.http_client import ServiceClient
from services.chassis.identity import Principal
from services.chassis.trace import TraceFragment


class TraceClient(ServiceClient):
    """One service's side of `services.chassis.trace`."""

    async def fragment(self, ids: Sequence[UUID], *, on_behalf_of: Principal) -> TraceFragment:
        """Raises NeighbourDown."""
        body = {"ids": [str(each) for each in ids]}
        return await self.post("/internal/trace", on_behalf_of=on_behalf_of, json=body, model=TraceFragment)
