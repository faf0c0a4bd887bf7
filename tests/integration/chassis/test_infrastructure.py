"""What every service's first migration makes: and takes away, and whom it lets see what."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.support import (
    RowCountMismatch,
    assert_rows,
    create_infrastructure,
    drop_infrastructure,
    enable_row_level_security,
)
from services.chassis.database import Database, driver_url
from services.chassis.tables import (
    LOCAL_TABLES,
    TENANT_TABLES,
    audit_entry,
    audit_head,
    idempotency_record,
    infrastructure_metadata,
    operation,
)
from tests.postgres import DatabaseAddress, PostgresForTests

MINE, THEIRS = UUID(int=1), UUID(int=2)
NAMES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> 10
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typowner <> 10
"""


async def migrate(url: str, step: Callable[[], Any]) -> None:
    def run(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"application_role": "fullcircle_metrics_app"})
        with Operations.context(context):
            step()

    engine = create_async_engine(driver_url(url))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


@pytest_asyncio.fixture
async def address(postgres: PostgresForTests) -> AsyncIterator[DatabaseAddress]:
    made = await postgres.database("metrics")
    await migrate(made.owner_url, create_infrastructure)
    yield made
    await postgres.drop(made)


@pytest_asyncio.fixture
async def database(address: DatabaseAddress) -> AsyncIterator[Database]:
    made = Database(address.app_url)
    yield made
    await made.close()


async def test_an_address_may_say_how_safe_the_way_must_be(address: DatabaseAddress) -> None:
    """In libpq's word, as who lets databases writes it; the tests' server speaks no TLS."""
    for mode, is_met in {"disable": True, "prefer": True, "require": False}.items():
        database = Database(f"{address.app_url}?sslmode={mode}")
        try:
            async with database.engine.connect() as connection:
                met = await connection.scalar(text("SELECT true"))
        except ConnectionError:
            met = False
        finally:
            await database.close()
        assert met is is_met, mode


async def test_what_is_made_can_be_taken_away_and_made_again(address: DatabaseAddress) -> None:
    await migrate(address.owner_url, drop_infrastructure)
    connection = await asyncpg.connect(address.owner_url)
    assert await connection.fetch(NAMES) == []
    await connection.close()
    await migrate(address.owner_url, create_infrastructure)


def test_every_table_is_either_local_or_under_a_policy() -> None:
    secured = {*TENANT_TABLES, audit_entry, audit_head}
    assert set(LOCAL_TABLES) | secured == set(infrastructure_metadata.tables.values())
    assert not set(LOCAL_TABLES) & secured
    for table in secured:
        assert next(iter(table.primary_key)).name == "workspace_id"


async def test_a_workspace_sees_and_writes_only_its_own_rows(database: Database) -> None:
    for workspace_id in (MINE, THEIRS):
        async with database.transaction(workspace_id=workspace_id) as session:
            await session.execute(insert(operation).values(**an_operation(workspace_id)))
    for workspace_id, seen in ((MINE, [MINE]), (THEIRS, [THEIRS]), (None, [])):
        async with database.session(workspace_id=workspace_id) as session:
            assert (await session.scalars(select(operation.c.workspace_id))).all() == seen
            assert (await session.execute(operation.delete())).rowcount == len(seen)  # type: ignore[attr-defined]
    async with database.session(workspace_id=MINE) as session:
        with pytest.raises(Exception, match="row-level security"):
            await session.execute(insert(operation).values(**an_operation(THEIRS)))


@pytest.mark.parametrize(
    "forbidden",
    [
        "TRUNCATE operation",
        "ALTER TABLE operation DISABLE ROW LEVEL SECURITY",
        "DROP POLICY workspace_isolation ON operation",
        "DELETE FROM feed_head",
        "INSERT INTO feed_head DEFAULT VALUES",
        "DELETE FROM known_workspace",
        "CREATE TABLE mine (id int)",
    ],
)
async def test_the_application_may_do_only_what_it_needs(database: Database, forbidden: str) -> None:
    async with database.session(workspace_id=MINE) as session:
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            await session.execute(text(forbidden))


async def test_a_purge_reaches_every_workspace_and_only_what_is_old(database: Database) -> None:
    now = datetime.now(UTC)
    for workspace_id in (MINE, THEIRS):
        for age in (timedelta(hours=1), timedelta(hours=25)):
            async with database.transaction(workspace_id=workspace_id) as session:
                await session.execute(
                    insert(idempotency_record).values(
                        workspace_id=workspace_id,
                        principal_id="key:1",
                        method="POST",
                        route="/v1/notes",
                        key=str(age),
                        fingerprint=b"",
                        status=201,
                        headers={},
                        body=b"",
                        created_at=now - age,
                    )
                )
    async with database.engine.begin() as connection:
        gone = await connection.scalar(text("SELECT purge_idempotency_record(:at)"), {"at": now - timedelta(hours=24)})
    assert gone == 2
    async with database.session(workspace_id=MINE) as session:
        assert (await session.scalars(select(idempotency_record.c.key))).all() == ["1:00:00"]


async def test_a_migration_of_the_wrong_number_of_rows_is_rolled_back(address: DatabaseAddress) -> None:
    def too_few() -> None:
        assert_rows(1, "UPDATE feed_head SET position = 7")
        assert_rows(1, "UPDATE cursor SET position = :position", {"position": 7})

    with pytest.raises(RowCountMismatch, match="expected 1 rows, touched 0"):
        await migrate(address.owner_url, too_few)
    connection = await asyncpg.connect(address.owner_url)
    assert await connection.fetchval("SELECT position FROM feed_head") == 0
    await connection.close()


async def test_a_table_without_its_grant_is_closed(address: DatabaseAddress, database: Database) -> None:
    def forgetful() -> None:
        op.execute("CREATE TABLE secret (workspace_id uuid)")

    await migrate(address.owner_url, forgetful)
    async with database.session(workspace_id=MINE) as session:
        with pytest.raises(Exception, match="permission denied"):
            await session.execute(text("SELECT * FROM secret"))
    await migrate(address.owner_url, lambda: enable_row_level_security("secret", privileges=("SELECT",)))
    async with database.session(workspace_id=MINE) as session:
        assert (await session.execute(text("SELECT * FROM secret"))).all() == []


def an_operation(workspace_id: UUID) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "id": f"toy_{uuid4()}",
        "kind": "notes.count",
        "payload": {},
        "created_by": "key:1",
    }
