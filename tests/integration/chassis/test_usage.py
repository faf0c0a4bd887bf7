"""What a workspace takes up: counted where that is cheap, estimated beyond, and never another's."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from services.chassis import usage
from services.chassis.context import ServiceContext
from services.chassis.usage import TableUsage, workspace_usage
from tests.integration.chassis.conftest import Caller
from tests.integration.chassis.test_contract import add_note
from tests.postgres import PostgresForTests

SOME_NOTES = """INSERT INTO note (workspace_id, id, title, stars, version, created_at, updated_at)
                SELECT $1, gen_random_uuid(), 'Note ' || n, 0, 1, now(), now() FROM generate_series(1, $2) n"""


async def tables_of(toy: FastAPI, workspace: UUID) -> dict[str, TableUsage]:
    context: ServiceContext = toy.state.context
    async with context.database.session(workspace_id=workspace, read_only=True) as session:
        return {table.name: table for table in await workspace_usage(session)}


async def test_rows_of_the_workspace_are_counted_and_no_others(toy: FastAPI, caller: Caller, workspace: UUID) -> None:
    for title in ("One", "Two", "Three"):
        await add_note(caller(), title)
    await add_note(caller(workspace_id=uuid4()), "Elsewhere")
    tables = await tables_of(toy, workspace)
    assert (tables["note"].rows, tables["note"].is_estimate) == (3, False)
    assert tables["audit_entry"].rows == 3
    assert all(table.bytes > 0 for table in tables.values())
    assert "event" not in tables, "what carries no policy is not a tenant's"
    assert await tables_of(toy, uuid4()) == {}


async def test_beyond_the_bound_rows_are_estimated(
    toy: FastAPI, workspace: UUID, postgres: PostgresForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "COUNTED", 50)
    context: ServiceContext = toy.state.context
    connection = await asyncpg.connect(postgres.server.url(context.database.engine.url.database or ""))
    try:
        await connection.execute(SOME_NOTES, workspace, 300)
        await connection.execute(SOME_NOTES, uuid4(), 700)
        await connection.execute("ANALYZE note")
    finally:
        await connection.close()
    notes = (await tables_of(toy, workspace))["note"]
    assert notes.is_estimate
    assert 250 < notes.rows < 350
