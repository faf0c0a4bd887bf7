"""API keys from the operator's chair; the rules about keys are the gateway's."""

import base64
import binascii
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gateway.identity.administration import (
    IssuedKey,
    KeyAdministration,
    KeySummary,
    UnknownKey,
    UnknownWorkspace,
    administration,
)
from gateway.models import Workspace
from services.chassis.identity import Role
from services.launcher.databases import open_databases
from services.launcher.errors import LauncherError
from services.launcher.home import Home

SAMPLE_WORKSPACE = "Sample"


class KeyRefused(LauncherError):
    """What was asked about keys cannot be done."""


@asynccontextmanager
async def _administration(home: Home) -> AsyncIterator[KeyAdministration]:
    async with (
        open_databases(home, services=["gateway"]) as databases,
        administration(databases.urls["gateway"].migration, pepper=pepper(home)) as keys,
    ):
        try:
            yield keys
        except UnknownKey as error:
            raise KeyRefused(f"There is no key {error}") from error
        except (UnknownWorkspace, ValueError) as error:
            raise KeyRefused(str(error)) from error


def pepper(home: Home) -> bytes:
    """The secret that the hashes of keys are made with."""
    try:
        text = os.environ.get("FULLCIRCLE_KEY_PEPPER") or (home.secrets / "key_pepper").read_text().strip()
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except FileNotFoundError as error:
        raise KeyRefused(f"There is no key_pepper in {home.secrets}: start Fullcircle once, or set it") from error
    except binascii.Error as error:
        raise KeyRefused("FULLCIRCLE_KEY_PEPPER must be base64url") from error


async def first_key(migration_url: str, home: Home) -> str | None:
    """Make the sample workspace and its admin key; None when there is a workspace already."""
    async with administration(migration_url, pepper=pepper(home)) as keys:
        issued = await keys.bootstrap(SAMPLE_WORKSPACE)
    return issued.key if issued else None


async def create(
    home: Home, *, name: str, role: Role, scopes: Sequence[str], workspace_id: UUID | None, days: int | None
) -> IssuedKey:
    """Make a key; in a workspace of its own when there is none yet."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    async with _administration(home) as keys:
        if workspace_id is None and not await keys.workspaces():
            workspace_id = await keys.create_workspace(SAMPLE_WORKSPACE)
        return await keys.create(name, role=role, scopes=scopes, workspace_id=workspace_id, expires_at=expires_at)


async def everything(home: Home) -> list[KeySummary]:
    """All keys, oldest first."""
    async with _administration(home) as keys:
        return await keys.list_keys()


async def workspaces(home: Home) -> Sequence[Workspace]:
    """All workspaces, oldest first."""
    async with _administration(home) as keys:
        return await keys.workspaces()


async def revoke(home: Home, key_id: UUID) -> None:
    """Refuse this key from now on."""
    async with _administration(home) as keys:
        await keys.revoke(key_id)
