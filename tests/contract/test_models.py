"""Every table of every service, in its models and in the migrated database: one workspace never meets another."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.database import driver_url
from services.chassis.rows import naming_metadata
from services.chassis.tables import LOCAL_TABLES
from services.launcher.bootstrap import ServiceDatabase
from tests.contract.house import business_tables, standing_services
from tests.contract.rows import fill_every_table
from tests.contract.tenancy import broken_rules
from tests.migrated import MigratedDatabases
from tests.postgres import DatabaseAddress

SERVICES = standing_services()
INFRASTRUCTURE = {table.name for table in LOCAL_TABLES} | {"alembic_version"}
OURS = "c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'procrastinate\\_%'"


@pytest.fixture(params=SERVICES, scope="module")
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
async def database(service: str, migrated: MigratedDatabases) -> DatabaseAddress:
    return await migrated.database(service)


@pytest.fixture
async def superuser(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.superuser_url)
    yield connection
    await connection.close()


def test_models_put_the_workspace_first(service: str) -> None:
    assert [fault for table in business_tables(service).values() for fault in broken_rules(table)] == []


async def test_the_database_puts_the_workspace_first(service: str, database: DatabaseAddress) -> None:
    """Also what migrations make by hand: partial indexes, partitions, tables that no model knows."""
    reflected = naming_metadata()
    engine = create_async_engine(driver_url(database.owner_url))
    async with engine.connect() as connection:
        await connection.run_sync(reflected.reflect)
    await engine.dispose()
    tables = [
        table
        for table in reflected.tables.values()
        if table.name not in INFRASTRUCTURE and not table.name.startswith("procrastinate_")
    ]
    assert {table.name for table in tables} >= business_tables(service).keys()
    assert [fault for table in tables for fault in broken_rules(table)] == []


async def test_every_business_table_isolates_its_rows(superuser: asyncpg.Connection) -> None:
    tables = await superuser.fetch(
        f"""SELECT c.relname, c.relrowsecurity,
                   array_remove(array_agg(p.polpermissive AND p.polcmd = '*' AND p.polroles = '{{0}}'), NULL) AS whole,
                   array_remove(array_agg(pg_get_expr(p.polqual, c.oid)), NULL) AS seen,
                   array_remove(array_agg(pg_get_expr(p.polwithcheck, c.oid)), NULL) AS written
            FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {OURS} GROUP BY c.oid"""
    )
    open_tables = {
        row["relname"]
        for row in tables
        if not row["relrowsecurity"]
        or row["whole"] != [True]
        or not row["seen"] == row["written"] == [policy_of(row["relname"])]
    }
    assert open_tables - INFRASTRUCTURE == set()


def policy_of(table: str) -> str:
    """The one condition under which the application role sees and writes rows, as PostgreSQL prints it."""
    column = "id" if table == "workspace" else "workspace_id"
    return f"({column} = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid)"


async def test_partitions_are_reached_through_their_table_only(service: str, superuser: asyncpg.Connection) -> None:
    """A policy holds for the table that a statement names: a partition named directly would go around it."""
    role = ServiceDatabase.of(service).app
    reachable = await superuser.fetch(
        f"""SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind IN ('r', 'p') AND {OURS}
            AND has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE')""",
        role,
    )
    assert [row["relname"] for row in reachable] == []


async def test_the_application_role_owns_nothing_and_cannot_bypass(service: str, superuser: asyncpg.Connection) -> None:
    role = ServiceDatabase.of(service).app
    rights = await superuser.fetchrow(
        """SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
                  has_schema_privilege(rolname, 'public', 'CREATE') AS creates,
                  EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS inherits,
                  EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns_tables,
                  EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid) AS owns_functions,
                  EXISTS (SELECT FROM pg_namespace WHERE nspowner = r.oid) AS owns_schemas
           FROM pg_roles r WHERE rolname = $1""",
        role,
    )
    assert rights is not None
    assert [right for right, is_held in rights.items() if is_held] == []


async def test_the_application_role_cannot_empty_or_rewrite_tables(service: str, superuser: asyncpg.Connection) -> None:
    role = ServiceDatabase.of(service).app
    rows = await superuser.fetch(
        f"""SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND {OURS}
            AND (has_table_privilege($1, c.oid, 'TRUNCATE') OR has_table_privilege($1, c.oid, 'TRIGGER')
                 OR has_table_privilege($1, c.oid, 'REFERENCES'))""",
        role,
    )
    assert [row["relname"] for row in rows] == []


async def test_functions_with_the_owners_rights_are_closed(superuser: asyncpg.Connection) -> None:
    """A definer function sees every workspace: its search path is fixed, and only the application role may call it."""
    functions = await superuser.fetch(
        """SELECT p.oid::regprocedure::text AS name, p.proconfig::text AS settings,
                  EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
                  AS is_public
           FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"""
    )
    assert functions, "the purges at least are definer functions"
    loose = [row["name"] for row in functions if row["is_public"] or "search_path=" not in (row["settings"] or "")]
    assert loose == []


async def test_views_do_not_go_around_the_policies(superuser: asyncpg.Connection) -> None:
    views = await superuser.fetch(
        f"""SELECT c.relname FROM pg_class c WHERE {OURS} AND (c.relkind = 'm'
            OR (c.relkind = 'v' AND NOT coalesce(c.reloptions::text LIKE '%security_invoker=true%', false)))"""
    )
    assert [row["relname"] for row in views] == []


async def test_an_unset_workspace_sees_nothing(service: str, database: DatabaseAddress) -> None:
    """With a row in every table: unset and foreign see none, the own workspace sees it, nobody writes for another."""
    own = uuid4()
    filled = await fill_every_table(database, workspace_id=own, tables=business_tables(service).keys())
    assert set(filled) == business_tables(service).keys()
    connection = await asyncpg.connect(database.app_url)
    try:
        for table in filled:
            seen = [await _count(connection, table, workspace) for workspace in (None, uuid4(), own)]
            assert seen in ([0, 0, 1], [None] * 3), table
    finally:
        await connection.close()


async def _count(connection: asyncpg.Connection, table: str, workspace: UUID | None) -> int | None:
    """How many rows the application role sees; None where it may not read at all."""
    async with connection.transaction(readonly=True):
        await connection.execute("SELECT set_config('app.workspace_id', $1, true)", str(workspace or ""))
        try:
            async with connection.transaction():
                count: int = await connection.fetchval(f'SELECT count(*) FROM "{table}"')
        except asyncpg.InsufficientPrivilegeError:
            return None
    return count


def test_the_walk_can_fail() -> None:
    """Planted: each rule broken once."""
    metadata = naming_metadata()
    parent = sa.Table("parent", metadata, sa.Column("id", sa.Uuid, primary_key=True))
    workspace, other = (
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("parent_id", sa.ForeignKey(parent.c.id)),
    )
    child = sa.Table("child", metadata, sa.Column("id", sa.Uuid, primary_key=True), workspace, other)
    sa.Index("ix_child_parent", child.c.parent_id, unique=True)
    assert list(broken_rules(parent)) == ["parent has no workspace_id"]
    assert len(list(broken_rules(child))) == 3
