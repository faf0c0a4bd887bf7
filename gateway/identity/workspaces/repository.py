"""The only SQL about the workspace itself."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.models import Member, Workspace
from services.chassis.errors import NotFound


class WorkspaceRepository:
    """Reads the workspace of the session; row-level security shows no other."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def current(self, *, lock: bool = False) -> Workspace:
        """The caller's workspace; raises NotFound when it has been removed."""
        workspace_id: UUID = self._session.info["workspace_id"]
        query = select(Workspace).where(Workspace.id == workspace_id)
        row = (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("There is no such workspace.")
        return row

    async def member(self, member_id: UUID) -> Member | None:
        """The person who is asking."""
        wanted = select(Member).where(Member.workspace_id == self._session.info["workspace_id"], Member.id == member_id)
        return (await self._session.scalars(wanted)).one_or_none()
