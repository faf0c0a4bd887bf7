"""The operator's way to workspaces and keys, and the gateway's schema."""

import asyncio

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from gateway.identity.administration import UnknownKey, UnknownWorkspace
from gateway.identity.key_format import is_well_formed
from tests.integration.gateway.conftest import ROOT, migrate


async def test_the_first_workspace_and_its_key_are_made_once(keys):
    first, second = await asyncio.gather(keys.bootstrap("Acme"), keys.bootstrap("Acme"))
    issued = first or second
    assert (first is None) != (second is None)
    assert is_well_formed(issued.key.encode())
    assert (issued.role, issued.workspace_name) == ("admin", "Acme")
    made = await keys.create("For scripts", role="viewer")
    assert made.workspace_id == issued.workspace_id
    assert [(each.name, each.hint) for each in await keys.list_keys()] == [
        ("First admin key", issued.key[-4:]),
        ("For scripts", made.key[-4:]),
    ]
    await keys.revoke(made.key_id)
    assert [each.revoked_at is None for each in await keys.list_keys()] == [True, False]
    await keys.create_workspace("Sandbox", kind="test")
    with pytest.raises(UnknownWorkspace, match="Sandbox"):
        await keys.create("Whose?")
    with pytest.raises(UnknownKey):
        await keys.revoke(issued.workspace_id)
    with pytest.raises(ValueError, match="unknown scope"):
        await keys.create("x", scopes=["everything"])


async def test_the_application_role_sees_no_key_without_a_workspace(database, keys):
    workspace_id = await keys.create_workspace("Mine")
    await keys.create("x", workspace_id=workspace_id)
    connection = await asyncpg.connect(database.app_url)
    try:
        for table in ("workspace", "member", "api_key"):
            assert await connection.fetch(f"SELECT * FROM {table}") == []
        await connection.execute("SELECT set_config('app.workspace_id', $1, false)", str(workspace_id))
        assert len(await connection.fetch("SELECT * FROM api_key")) == 1
        assert len(await connection.fetch("SELECT * FROM workspace")) == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM api_key")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("ALTER TABLE api_key DISABLE ROW LEVEL SECURITY")
    finally:
        await connection.close()


async def test_the_models_are_what_the_migrations_make(database):
    config = Config(ROOT / "alembic.ini", ini_section="gateway")
    config.attributes["url"] = database.owner_url
    await asyncio.to_thread(command.check, config)


async def test_the_history_goes_down_to_nothing_and_up_again(postgres):
    database = await postgres.database("gateway")
    await migrate(database)
    await migrate(database, "base")
    connection = await asyncpg.connect(database.superuser_url)
    left = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert [row["tablename"] for row in left] == ["alembic_version"]
    await migrate(database)
    await postgres.drop(database)
