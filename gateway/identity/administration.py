"""What an operator does from the command line: the first workspace and key, and keys when nobody is left to ask.

Works as the owner of the tables, whom row-level security does not bind.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.identity.api_keys.repository import ApiKeyRepository
from gateway.identity.api_keys.service import ApiKeyService, secret_key
from gateway.identity.directory import Directory
from gateway.identity.types import WorkspaceKind
from gateway.models import ApiKey, Workspace
from services.chassis.clock import Clock, SystemClock
from services.chassis.database import Database
from services.chassis.identity import Role, expand_scopes
from services.chassis.ids import new_id

OPERATOR = "system:operator"


class UnknownWorkspace(Exception):
    """No workspace has this id, or none was named although there are several."""


class UnknownKey(Exception):
    """No key has this id."""


@dataclass(frozen=True)
class IssuedKey:
    """A key that was just made; `key` is shown to the operator, then forgotten."""

    key: str
    key_id: UUID
    workspace_id: UUID
    workspace_name: str
    role: str


@dataclass(frozen=True)
class KeySummary:
    """A line of `fullcircle keys list`."""

    key_id: UUID
    workspace_name: str
    name: str
    hint: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeyAdministration:
    """The operator's hand on workspaces and keys; see `administration`."""

    def __init__(self, database: Database, *, pepper: bytes, clock: Clock) -> None:
        self._database = database
        self._pepper = pepper
        self._clock = clock

    async def bootstrap(self, workspace_name: str) -> IssuedKey | None:
        """Make the first workspace and its admin key; None when there is a workspace already."""
        workspace = self._workspace(workspace_name, "live")
        async with self._database.transaction(workspace_id=workspace.id) as session:
            directory = Directory(session)
            if not await directory.is_empty():
                return None
            await directory.add(workspace)
            row = secret_key("First admin key", role="admin")
            return await self._issue(ApiKeyRepository(session), workspace, row)

    async def create_workspace(self, name: str, *, kind: WorkspaceKind = "live") -> UUID:
        """Make a workspace; `test` is a sandbox, whose keys begin with `fc_test_`."""
        workspace = self._workspace(name, kind)
        async with self._database.transaction(workspace_id=workspace.id) as session:
            return (await Directory(session).add(workspace)).id

    async def workspaces(self) -> Sequence[Workspace]:
        """All workspaces, oldest first."""
        async with self._database.transaction(workspace_id=None) as session:
            return await Directory(session).workspaces()

    async def create(
        self,
        name: str,
        *,
        role: Role = "admin",
        scopes: Sequence[str] = (),
        workspace_id: UUID | None = None,
        expires_at: datetime | None = None,
    ) -> IssuedKey:
        """Make a key; the workspace may be left out where there is only one. Raises UnknownWorkspace, ValueError."""
        expand_scopes(scopes)
        workspace = self._choose(await self.workspaces(), workspace_id)
        async with self._database.transaction(workspace_id=workspace.id) as session:
            row = secret_key(name, role=role, scopes=scopes, expires_at=expires_at)
            return await self._issue(ApiKeyRepository(session), workspace, row)

    async def list_keys(self) -> list[KeySummary]:
        """All keys of all workspaces, oldest first."""
        async with self._database.transaction(workspace_id=None) as session:
            return [_summary(key, workspace_name) for key, workspace_name in await Directory(session).keys()]

    async def revoke(self, key_id: UUID) -> None:
        """Refuse the key from now on. Raises UnknownKey."""
        async with self._database.transaction(workspace_id=None) as session:
            row = await Directory(session).key(key_id)
            if row is None:
                raise UnknownKey(str(key_id))
            row.revoked_at = row.revoked_at or self._clock.now()

    def _workspace(self, name: str, kind: WorkspaceKind) -> Workspace:
        now = self._clock.now()
        return Workspace(id=new_id(), name=name, kind=kind, allowed_origins=[], created_at=now, updated_at=now)

    @staticmethod
    def _choose(workspaces: Sequence[Workspace], workspace_id: UUID | None) -> Workspace:
        if workspace_id is None and len(workspaces) == 1:
            return workspaces[0]
        for workspace in workspaces:
            if workspace.id == workspace_id:
                return workspace
        names = ", ".join(f"{each.name} ({each.id})" for each in workspaces) or "there is none yet"
        raise UnknownWorkspace(f"Name one of the workspaces: {names}")

    async def _issue(self, keys: ApiKeyRepository, workspace: Workspace, row: ApiKey) -> IssuedKey:
        service = ApiKeyService(keys, pepper=self._pepper, clock=self._clock)
        row, key = await service.issue(row, by=OPERATOR)
        return IssuedKey(key, row.id, workspace.id, workspace.name, row.role)


def _summary(key: ApiKey, workspace_name: str) -> KeySummary:
    return KeySummary(
        key_id=key.id,
        workspace_name=workspace_name,
        name=key.name,
        hint=key.hint,
        role=key.role,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )


@asynccontextmanager
async def administration(
    migration_url: str, *, pepper: bytes, clock: Clock | None = None
) -> AsyncIterator[KeyAdministration]:
    """Open the gateway's database for an operator, as the owner of its tables."""
    clock = clock or SystemClock()
    database = Database(migration_url, pool_size=1, application_name="fullcircle-keys", clock=clock)
    try:
        yield KeyAdministration(database, pepper=pepper, clock=clock)
    finally:
        await database.close()
