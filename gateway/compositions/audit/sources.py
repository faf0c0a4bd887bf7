"""Where chains are kept: in each service, asked over HTTP, and in the gateway's own database."""

from dataclasses import asdict
from typing import Protocol

from services.chassis.audit_reading import AuditQuery, ChainPlace, find_entries, verify_chain
from services.chassis.audit_routes import AuditEntryRead, VerificationRead
from services.chassis.context import ServiceContext
from services.chassis.http_client import ServiceClient
from services.chassis.identity import Principal

BASE = "/internal/audit"
# Hashing a part of a long chain takes its time.
PATIENCE_S = 20.0


class AuditSource(Protocol):
    """A keeper of one chain per workspace."""

    async def entries(self, query: AuditQuery, *, on_behalf_of: Principal) -> list[AuditEntryRead]: ...
    async def verify(self, start: ChainPlace, *, on_behalf_of: Principal) -> VerificationRead: ...


class AuditClient(ServiceClient):
    """One service's side of `services.chassis.audit_routes`."""

    async def entries(self, query: AuditQuery, *, on_behalf_of: Principal) -> list[AuditEntryRead]:
        """Raises NeighbourDown."""
        wanted = {name: value for name, value in asdict(query).items() if value is not None}
        return await self.get(
            f"{BASE}/entries", on_behalf_of=on_behalf_of, params=_written(wanted), model=list[AuditEntryRead]
        )

    async def verify(self, start: ChainPlace, *, on_behalf_of: Principal) -> VerificationRead:
        """Raises NeighbourDown."""
        params = {"position": start.position, "digest": start.digest.hex()}
        return await self.get(f"{BASE}/verification", on_behalf_of=on_behalf_of, params=params, model=VerificationRead)


def _written(values: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


class OwnAudit:
    """The gateway's own chain, each question in a transaction of its own."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def entries(self, query: AuditQuery, *, on_behalf_of: Principal) -> list[AuditEntryRead]:
        workspace_id = on_behalf_of.workspace
        async with self._context.database.session(workspace_id=workspace_id, read_only=True) as session:
            return [AuditEntryRead.of(entry) for entry in await find_entries(session, workspace_id, query)]

    async def verify(self, start: ChainPlace, *, on_behalf_of: Principal) -> VerificationRead:
        workspace_id = on_behalf_of.workspace
        async with self._context.database.session(workspace_id=workspace_id, read_only=True) as session:
            return VerificationRead.of(await verify_chain(session, workspace_id, start=start))
