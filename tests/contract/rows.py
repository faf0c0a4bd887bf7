"""One row in any table, whatever its columns: constraints that tell of meaning are taken off a throw-away database."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from tests.postgres import DatabaseAddress

SAMPLES = {
    "uuid": "gen_random_uuid()",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "boolean": "true",
    "bytea": "'x'",
    "jsonb": "'{}'",
}


async def fill_every_table(
    database: DatabaseAddress, *, workspace_id: UUID, tables: Iterable[str], keeps_references: bool = False
) -> list[str]:
    """Put a row of the workspace into each table; answers the names of the tables that took it."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await _loosen(connection, kinds="c" if keeps_references else "fc")
        return [table for table in tables if await _fill(connection, table, workspace_id)]
    finally:
        await connection.close()


async def _loosen(connection: asyncpg.Connection, *, kinds: str) -> None:
    """Drop checks (c) and foreign keys (f), and let every column outside of a primary key be null."""
    constraints = await connection.fetch(
        """SELECT conrelid::regclass::text AS name, conname FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace AND contype = ANY (string_to_array($1, NULL))
             AND conparentid = 0 AND coninhcount = 0 AND conrelid <> 0
             AND conrelid::regclass::text NOT LIKE 'procrastinate%' ORDER BY contype DESC""",
        kinds,
    )
    for row in constraints:
        await connection.execute(f'ALTER TABLE {row["name"]} DROP CONSTRAINT "{row["conname"]}"')
    columns = await connection.fetch(
        """SELECT c.oid::regclass::text AS name, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
             AND a.attnum > 0 AND a.attnotnull AND a.attidentity = '' AND NOT a.attisdropped
             AND NOT EXISTS (SELECT FROM pg_index i
                             WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
             AND c.relname NOT LIKE 'procrastinate%'"""
    )
    for row in columns:
        await connection.execute(f'ALTER TABLE {row["name"]} ALTER COLUMN "{row["attname"]}" DROP NOT NULL')


async def _fill(connection: asyncpg.Connection, table: str, workspace_id: UUID) -> bool:
    columns = await connection.fetch(
        """SELECT a.attname, format_type(a.atttypid, NULL) AS kind FROM pg_attribute a
           WHERE a.attrelid = to_regclass('"' || $1 || '"') AND a.attnum > 0 AND a.attidentity = ''
             AND a.attgenerated = '' AND NOT a.attisdropped AND (a.attnotnull OR a.attname = 'workspace_id')""",
        table,
    )
    own = "id" if table == "workspace" else "workspace_id"
    names = ", ".join(f'"{row["attname"]}"' for row in columns)
    values = ", ".join(
        f"'{workspace_id}'" if row["attname"] == own else SAMPLES.get(row["kind"], "'1'") for row in columns
    )
    return await connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({values})') == "INSERT 0 1"
