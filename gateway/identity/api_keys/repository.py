"""The only SQL about a workspace's keys."""

from typing import Any, ClassVar

from gateway.models import ApiKey, Workspace
from services.chassis.repository import Repository


class ApiKeyRepository(Repository[ApiKey]):
    model: ClassVar[Any] = ApiKey

    async def workspace(self) -> Workspace:
        """The workspace that the keys belong to."""
        return await self.session.get_one(Workspace, self.workspace_id)
