"""The audit trail: written with the change, chained, and broken by any altered byte."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.audit_reading import AuditQuery, Verification, find_entries, verify_chain
from services.chassis.context import ServiceContext
from tests.integration.chassis.conftest import Caller
from tests.integration.chassis.test_contract import add_note
from tests.postgres import PostgresForTests

EVERY_FIELD = (
    "position", "at", "actor_id", "actor_kind", "action", "subject_type", "subject_id", "trace_id", "source",
    "is_unconditional", "before", "after", "salt", "payload_digest", "previous", "digest",
)  # fmt: skip
ALTERED = {
    "position": "position + 1000",
    "at": "at + interval '1 microsecond'",
    "subject_id": "gen_random_uuid()",
    "is_unconditional": "NOT is_unconditional",
    **{
        name: f"set_byte({name}, 0, get_byte({name}, 0) # 1)"
        for name in ("salt", "payload_digest", "previous", "digest")
    },
}


@pytest_asyncio.fixture
async def superuser(toy: FastAPI, postgres: PostgresForTests) -> AsyncIterator[asyncpg.Connection]:
    context: ServiceContext = toy.state.context
    connection = await asyncpg.connect(postgres.server.url(context.database.engine.url.database or ""))
    yield connection
    await connection.close()


async def verify(toy: FastAPI, workspace: UUID) -> Verification:
    context: ServiceContext = toy.state.context
    async with context.database.session(workspace_id=workspace, read_only=True) as session:
        return await verify_chain(session, workspace, batch=2)


async def live_through(caller: Caller) -> None:
    client = caller()
    note = await add_note(client, "Hello")
    await client.patch(f"/v1/notes/{note['id']}", json={"stars": 2}, headers={"If-Match": "*"})
    await client.delete(f"/v1/notes/{note['id']}", headers={"If-Match": '"2"'})


async def test_entries_say_what_was_and_what_became(toy: FastAPI, caller: Caller, workspace: UUID) -> None:
    await live_through(caller)
    context: ServiceContext = toy.state.context
    async with context.database.session(workspace_id=workspace, read_only=True) as session:
        removed, changed, made = await find_entries(session, workspace, AuditQuery(limit=10))
    assert (made["action"], made["before"], made["actor_id"]) == ("note.created", None, "key:test")
    assert '"title":"Hello"' in made["after"]
    assert (changed["before"], changed["after"], changed["is_unconditional"]) == ('{"stars":0}', '{"stars":2}', True)
    assert removed["after"] is None
    assert '"stars":2' in removed["before"]
    assert (await verify(toy, workspace)).reached.position == 3


@pytest.mark.parametrize("name", EVERY_FIELD)
async def test_an_altered_field_is_named(
    toy: FastAPI, caller: Caller, workspace: UUID, superuser: asyncpg.Connection, name: str
) -> None:
    await live_through(caller)
    altered = ALTERED.get(name, f"coalesce({name}, '') || 'x'")
    await superuser.execute(
        f"UPDATE audit_entry SET {name} = {altered} WHERE workspace_id = $1 AND position = 2", workspace
    )
    assert (await verify(toy, workspace)).broken_at == 2


async def test_a_removed_entry_and_a_cut_end_are_named(
    toy: FastAPI, caller: Caller, workspace: UUID, superuser: asyncpg.Connection
) -> None:
    await live_through(caller)
    await superuser.execute("DELETE FROM audit_entry WHERE workspace_id = $1 AND position = 3", workspace)
    assert (await verify(toy, workspace)).broken_at == 3
    await superuser.execute("DELETE FROM audit_entry WHERE workspace_id = $1 AND position = 1", workspace)
    assert (await verify(toy, workspace)).broken_at == 1


async def test_a_long_chain_is_checked_part_by_part(toy: FastAPI, caller: Caller, workspace: UUID) -> None:
    await live_through(caller)
    context: ServiceContext = toy.state.context
    async with context.database.session(workspace_id=workspace, read_only=True) as session:
        begun = await verify_chain(session, workspace, limit=2, batch=2)
        assert (begun.reached.position, begun.is_complete) == (2, False)
        ended = await verify_chain(session, workspace, start=begun.reached, limit=2, batch=2)
        assert (ended.reached.position, ended.is_complete, ended.is_intact) == (3, True, True)
        forged = await verify_chain(session, workspace, start=replace(begun.reached, digest=bytes(32)))
    assert (forged.broken_at, forged.reason) == (3, "the entry does not follow the one before it")


async def test_an_erased_payload_leaves_the_chain_whole(
    toy: FastAPI, caller: Caller, workspace: UUID, superuser: asyncpg.Connection
) -> None:
    await live_through(caller)
    await superuser.execute(
        'UPDATE audit_entry SET "before" = NULL, "after" = NULL, salt = NULL WHERE workspace_id = $1', workspace
    )
    assert (await verify(toy, workspace)).is_intact


async def test_the_application_can_neither_change_nor_remove_an_entry(
    toy: FastAPI, caller: Caller, workspace: UUID
) -> None:
    await live_through(caller)
    context: ServiceContext = toy.state.context
    for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        async with context.database.engine.connect() as connection:
            with pytest.raises(Exception, match="permission denied"):
                await connection.exec_driver_sql(statement)


async def test_the_edge_reads_the_chain_with_an_admin_scope(caller: Caller) -> None:
    await live_through(caller)
    client = caller()
    entries = (await client.get("/internal/audit/entries?before=3&limit=2")).json()
    assert [entry["action"] for entry in entries] == ["note.updated", "note.created"]
    verification = (await client.get("/internal/audit/verification")).json()
    assert (verification["position"], verification["broken_at"], verification["is_complete"]) == (3, None, True)
    planner = caller(scopes=frozenset({"roadmap:read"}))
    assert (await planner.get("/internal/audit/entries")).status_code == 403


async def test_a_refused_request_leaves_no_entry(toy: FastAPI, caller: Caller, workspace: UUID) -> None:
    client = caller()
    await add_note(client, "Taken")
    assert (await client.post("/v1/notes", json={"title": "Taken"})).status_code == 409
    assert (await verify(toy, workspace)).reached.position == 1
