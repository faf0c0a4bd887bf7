"""One workspace, out of one installation and into another: every table that carries a policy, found and not listed."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from services.launcher.addresses import DatabaseUrls
from services.launcher.backup import one_moment
from services.launcher.bootstrap import SERVICES
from services.launcher.databases import open_databases
from services.launcher.errors import LauncherError
from services.launcher.home import Home
from services.launcher.keys import pepper
from services.launcher.workspace_archive import ArchiveWriter, Heading, read_heading, rows, writing

ATTEMPTS = 20
PAUSE_S = 0.5
BATCH = 1_000
FIRST = "workspace"

# What carries a policy is a tenant's; generated columns make themselves again.
TABLES = """
    SELECT c.relname AS name,
           (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
           ARRAY(SELECT DISTINCT f.confrelid::regclass::text FROM pg_constraint f
                 WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS needs
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relrowsecurity ORDER BY c.relname
"""
# Work that has not ended belongs to the installation that does it.
ONLY = {"operation": "AND state IN ('succeeded', 'failed', 'cancelled')"}
UNREAD = "SELECT EXISTS (SELECT FROM event WHERE workspace_id = $1 AND (position IS NULL OR position > $2))"


class WorkspaceRefused(LauncherError):
    """There is no such workspace, it is there already, or it does not fit here."""


class NeverSettled(LauncherError):
    """The services never knew the same of the workspace at one moment."""


@dataclass(frozen=True)
class Moved:
    """What was carried; `is_at_home` when keys and secrets made with the installation's own still work."""

    workspace_id: UUID
    name: str
    rows: int
    is_at_home: bool = True


async def export_workspace(home: Home, workspace_id: UUID, target: Path) -> Moved:
    """Write a workspace as it is at one moment at which every reader has read all of it; raises NeverSettled."""
    async with open_databases(home) as databases:
        for _ in range(ATTEMPTS):
            async with one_moment(databases.urls) as snapshots, _at(databases.urls, snapshots) as seen:
                name = await seen["gateway"].fetchval("SELECT name FROM workspace WHERE id = $1", workspace_id)
                if name is None:
                    raise WorkspaceRefused(f"There is no workspace {workspace_id}")
                if await _is_settled(seen, workspace_id):
                    taken_at = datetime.now(UTC).isoformat()
                    heading = Heading(workspace_id, name, taken_at, await _heads(seen), _fingerprint(home))
                    with writing(target) as archive:
                        archive.heading(heading)
                        for service, database in seen.items():
                            await _write(archive, service, database, workspace_id)
                    return Moved(workspace_id, name, archive.rows)
            await asyncio.sleep(PAUSE_S)
    raise NeverSettled(
        "Events of this workspace wait to be applied, or were set aside: see `fullcircle doctor`, and try again."
    )


async def import_workspace(home: Home, source: Path) -> Moved:
    """Read a workspace into databases that do not have it, all of it or nothing of each; see `_unfit`."""
    heading = read_heading(source)
    async with open_databases(home) as databases, AsyncExitStack() as stack:
        into = {name: await _connect(stack, urls.migration) for name, urls in databases.urls.items()}
        if refusal := await _unfit(into, heading):
            raise WorkspaceRefused(refusal)
        for database in into.values():
            await database.execute("BEGIN")
            await database.execute(
                "CREATE TEMPORARY TABLE arriving (line bigserial, name text, row jsonb) ON COMMIT DROP"
            )
        count = await _stage(into, source)
        is_at_home = heading.secrets == _fingerprint(home)
        for database in into.values():
            await _settle_in(database, heading.workspace_id)
        if not is_at_home:
            await _disarm(into["gateway"], heading.workspace_id)
        # The gateway last: until it knows the workspace, nobody can ask for it.
        for name in sorted(into, key=lambda each: each == "gateway"):
            await into[name].execute("COMMIT")
    return Moved(heading.workspace_id, heading.name, count, is_at_home)


@asynccontextmanager
async def _at(
    urls: Mapping[str, DatabaseUrls], snapshots: Mapping[str, str]
) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    """Each database as its owner, who sees every workspace, at its snapshot."""
    async with AsyncExitStack() as stack:
        seen = {}
        for service, snapshot in snapshots.items():
            seen[service] = await _connect(stack, urls[service].migration)
            await seen[service].execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await seen[service].execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        yield seen


async def _connect(stack: AsyncExitStack, url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url)
    stack.push_async_callback(connection.close)
    return connection


async def _is_settled(seen: Mapping[str, asyncpg.Connection], workspace_id: UUID) -> bool:
    """Whether every reader has applied every event of the workspace: what is on its way would be lost on ours."""
    for database in seen.values():
        if await database.fetchval("SELECT EXISTS (SELECT FROM parked_event WHERE workspace_id = $1)", workspace_id):
            return False
        for reader in await database.fetch("SELECT source, position FROM cursor"):
            source = seen.get(reader["source"])
            if source is not None and await source.fetchval(UNREAD, workspace_id, reader["position"]):
                return False
    return True


async def _heads(databases: Mapping[str, asyncpg.Connection]) -> dict[str, str]:
    return {name: await each.fetchval("SELECT version_num FROM alembic_version") for name, each in databases.items()}


async def _write(archive: ArchiveWriter, service: str, database: asyncpg.Connection, workspace_id: UUID) -> None:
    for table in in_order(await database.fetch(TABLES)):
        key = "id" if table["name"] == FIRST else "workspace_id"
        query = (
            f'SELECT to_jsonb(t)::text FROM (SELECT {table["columns"]} FROM "{table["name"]}" '  # noqa: S608 names from the catalogue
            f'WHERE "{key}" = $1 {ONLY.get(table["name"], "")}) AS t'
        )
        async for row in database.cursor(query, workspace_id, prefetch=BATCH):
            archive.row(service, table["name"], row[0])


def in_order(tables: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each table after those that its foreign keys point to."""
    waiting = {table["name"]: table for table in tables}
    ordered: list[Mapping[str, Any]] = []
    while waiting:
        ready = [each for each in waiting.values() if not waiting.keys() & set(each["needs"])]
        if not ready:
            raise WorkspaceRefused(f"Tables point at one another in a circle: {', '.join(waiting)}")
        ordered += [waiting.pop(table["name"]) for table in ready]
    return ordered


async def _unfit(into: Mapping[str, asyncpg.Connection], heading: Heading) -> str | None:
    """Why the workspace cannot come in here."""
    heads = await _heads(into)
    if heads != heading.heads:
        different = ", ".join(name for name in SERVICES if heads.get(name) != heading.heads.get(name))
        return f"The archive was written by another version (the databases of {different} differ): bring both to one."
    if await into["gateway"].fetchval("SELECT EXISTS (SELECT FROM workspace WHERE id = $1)", heading.workspace_id):
        return f"The workspace {heading.workspace_id} is here already."
    return None


async def _stage(into: Mapping[str, asyncpg.Connection], source: Path) -> int:
    """Into a temporary table of each database, in batches, whatever the size."""
    batches: dict[str, list[tuple[str, str]]] = {name: [] for name in into}
    count = 0
    for service, table, row in rows(source):
        batches[service].append((table, json.dumps(row)))
        count += 1
        if len(batches[service]) >= BATCH:
            await _copy(into[service], batches[service])
    for service, batch in batches.items():
        await _copy(into[service], batch)
    return count


async def _copy(database: asyncpg.Connection, batch: list[tuple[str, str]]) -> None:
    await database.copy_records_to_table("arriving", columns=("name", "row"), records=batch)
    batch.clear()


async def _settle_in(database: asyncpg.Connection, workspace_id: UUID) -> None:
    """One statement per table, so that rows of one table may point at one another."""
    for table in in_order(await database.fetch(TABLES)):
        await database.execute(
            f'INSERT INTO "{table["name"]}" ({table["columns"]}) '  # noqa: S608 names from the catalogue
            f'SELECT {table["columns"]} FROM (SELECT (jsonb_populate_record(NULL::"{table["name"]}", row)).* '
            "FROM (SELECT row FROM arriving WHERE name = $1 ORDER BY line) AS a) AS t",
            table["name"],
        )
    await database.execute(
        "INSERT INTO known_workspace (workspace_id) VALUES ($1) ON CONFLICT DO NOTHING", workspace_id
    )


async def _disarm(gateway: asyncpg.Connection, workspace_id: UUID) -> None:
    """Keys and the secrets of webhooks rest on the other installation's pepper: they do not work, so they say so."""
    await gateway.execute(
        "UPDATE api_key SET revoked_at = now() WHERE workspace_id = $1 AND revoked_at IS NULL", workspace_id
    )
    await gateway.execute(
        "UPDATE webhook SET disabled_reason = 'by_admin', disabled_at = now() "
        "WHERE workspace_id = $1 AND disabled_reason IS NULL",
        workspace_id,
    )


def _fingerprint(home: Home) -> str:
    """Tells two peppers apart, and nothing about either."""
    return hashlib.sha256(b"fullcircle pepper" + pepper(home)).hexdigest()[:16]
