"""Workspaces and keys across all tenants, for the operator: the only SQL that runs as the owner of the tables."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.models import ApiKey, Workspace

# Two launchers that start at once must not both make the first workspace.
_BOOTSTRAP_LOCK = 7_061_003


class Directory:
    """Sees every workspace, which is why no request ever uses it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_empty(self) -> bool:
        """Whether there is no workspace at all; held until the transaction ends."""
        await self._session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _BOOTSTRAP_LOCK})
        return (await self._session.scalars(select(Workspace.id).limit(1))).first() is None

    async def workspaces(self) -> Sequence[Workspace]:
        return (await self._session.scalars(select(Workspace).order_by(Workspace.created_at))).all()

    async def add(self, workspace: Workspace) -> Workspace:
        self._session.add(workspace)
        await self._session.flush()
        return workspace

    async def keys(self) -> Sequence[Row[ApiKey, str]]:
        """Every key with the name of its workspace, oldest first."""
        query = select(ApiKey, Workspace.name).join(Workspace, Workspace.id == ApiKey.workspace_id)
        return (await self._session.execute(query.order_by(ApiKey.created_at))).all()

    async def key(self, key_id: UUID) -> ApiKey | None:
        return (await self._session.scalars(select(ApiKey).where(ApiKey.id == key_id).with_for_update())).one_or_none()
