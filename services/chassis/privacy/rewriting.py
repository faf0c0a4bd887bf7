"""After an erasure the tables are written anew: a deleted row's bytes otherwise stay in the heap for a long time."""

import asyncio
import re
from collections.abc import Sequence

import asyncpg
import structlog

STATISTICS = "pg_catalog.pg_statistic"
PLAIN_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
TIMEOUT_S = 3_600
PATIENCE_S = 75.0
"""Longer than the server lets a transaction idle."""
POLL_S = 0.05

OTHERS = """
SELECT virtualtransaction FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND datname = current_database() AND pid <> pg_backend_pid()
"""

log = structlog.get_logger(__name__)


async def rewrite(owner_url: str, tables: Sequence[str]) -> None:
    """`VACUUM FULL` each table with its indexes, gather its statistics anew, then rewrite those, and checkpoint.

    Statistics hold samples of column values. Runs as the owner of the database and locks one table after the other.
    What the write-ahead log still holds goes with its recycling. A row that a transaction could still see would be
    written anew with the others: those that run already are waited for first.
    """
    connection = await asyncpg.connect(owner_url, timeout=10, command_timeout=TIMEOUT_S)
    try:
        await _outlive_others(connection)
        for table in tables:
            if not PLAIN_NAME.match(table):
                raise ValueError(f"not a table's name: {table}")
            await connection.execute(f'VACUUM (FULL, ANALYZE) "{table}"')
        await connection.execute(f"VACUUM FULL {STATISTICS}")
    finally:
        await connection.close()


async def _outlive_others(connection: asyncpg.Connection) -> None:
    """Return when no transaction runs that ran before, as `CREATE INDEX CONCURRENTLY` waits for old snapshots."""
    left = await _others(connection)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while left:
                await asyncio.sleep(POLL_S)
                left &= await _others(connection)
    except TimeoutError:
        log.warning("erasure_beside_old_transactions", count=len(left))


async def _others(connection: asyncpg.Connection) -> set[str]:
    return {row["virtualtransaction"] for row in await connection.fetch(OTHERS)}
