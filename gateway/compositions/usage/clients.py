"""Asks a service what a workspace takes up in it."""

from services.chassis.context import ServiceContext
from services.chassis.http_client import ServiceClient
from services.chassis.identity import Principal
from services.chassis.usage import workspace_usage
from services.chassis.usage_routes import TableUsageRead


class UsageClient(ServiceClient):
    """One service's side of `services.chassis.usage_routes`."""

    async def tables(self, *, on_behalf_of: Principal) -> list[TableUsageRead]:
        """Raises NeighbourDown."""
        return await self.get("/internal/usage", on_behalf_of=on_behalf_of, model=list[TableUsageRead])


class OwnUsage:
    """The gateway's own tables."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def tables(self, *, on_behalf_of: Principal) -> list[TableUsageRead]:
        async with self._context.database.session(workspace_id=on_behalf_of.workspace, read_only=True) as session:
            return [TableUsageRead(**vars(table)) for table in await workspace_usage(session)]
