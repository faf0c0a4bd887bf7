"""After an erasure the tables are written anew: a deleted row's bytes otherwise stay in the heap for a long time."""

import re
from collections.abc import Sequence

import asyncpg

STATISTICS = "pg_catalog.pg_statistic"
PLAIN_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
TIMEOUT_S = 3_600


async def rewrite(owner_url: str, tables: Sequence[str]) -> None:
    """`VACUUM FULL` each table with its indexes, gather its statistics anew, then rewrite those, and checkpoint.

    Statistics hold samples of column values. Runs as the owner of the database and locks one table after the other.
    What the write-ahead log still holds goes with its recycling.
    """
    connection = await asyncpg.connect(owner_url, timeout=10, command_timeout=TIMEOUT_S)
    try:
        for table in tables:
            if not PLAIN_NAME.match(table):
                raise ValueError(f"not a table's name: {table}")
            await connection.execute(f'VACUUM (FULL, ANALYZE) "{table}"')
        await connection.execute(f"VACUUM FULL {STATISTICS}")
    finally:
        await connection.close()
