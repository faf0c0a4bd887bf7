"""What must be true of the events of a running stack, read from its databases."""

import asyncpg

from services.launcher.bootstrap import SERVICES
from tests.e2e.stack import Stack, until

UNEVEN_POSITIONS = """
    SELECT count(position) - count(DISTINCT position) AS doubled,
           coalesce(max(position) - min(position) + 1 - count(position), 0) AS missing
    FROM event
"""
OUT_OF_ORDER = """
    SELECT DISTINCT subject_type, subject_id FROM (
        SELECT subject_type, subject_id, subject_version, lag(subject_version) OVER subject AS before FROM event
        WINDOW subject AS (PARTITION BY workspace_id, subject_type, subject_id ORDER BY position)) AS told
    WHERE subject_version < before
"""


async def faults_of_feeds(stack: Stack) -> list[str]:
    """Gaps, doubles and disorder in the four event logs, and events that nobody could apply; empty when all is well."""
    faults = []
    for service in SERVICES:
        connection = await asyncpg.connect(stack.database_url(service))
        try:
            uneven = await connection.fetchrow(UNEVEN_POSITIONS)
            faults += [
                f"{service}: {count} events {how}" for how, count in uneven.items() if count and how != "unnumbered"
            ]
            disorder = await connection.fetch(OUT_OF_ORDER)
            faults += [f"{service}: {row['subject_type']} {row['subject_id']} is out of order" for row in disorder]
            parked = await connection.fetch("SELECT cursor, event->>'type' AS type, error FROM parked_event")
            faults += [f"{service}: {row['type']} is parked by {row['cursor']}: {row['error']}" for row in parked]
        finally:
            await connection.close()
    return faults


async def heads(stack: Stack) -> dict[str, int]:
    """How many events each service has told, numbered or not yet."""
    found = {}
    for service in SERVICES:
        connection = await asyncpg.connect(stack.database_url(service))
        try:
            found[service] = await connection.fetchval(
                "SELECT (SELECT position FROM feed_head) + (SELECT count(*) FROM event WHERE position IS NULL)"
            )
        finally:
            await connection.close()
    return found


async def cursors(stack: Stack) -> dict[tuple[str, str], int]:
    """How far each reader has come in each source."""
    found = {}
    for service in SERVICES:
        connection = await asyncpg.connect(stack.database_url(service))
        try:
            for row in await connection.fetch("SELECT source, position FROM cursor"):
                found[service, row["source"]] = row["position"]
        finally:
            await connection.close()
    return found


async def is_quiet(stack: Stack) -> bool:
    """Whether every reader has applied all that there is, and set nothing aside."""
    reached, told = await cursors(stack), await heads(stack)
    return _have_read(reached, told) and await faults_of_feeds(stack) == []


def _have_read(reached: dict[tuple[str, str], int], told: dict[str, int]) -> bool:
    return bool(reached) and all(position >= told[source] for (_, source), position in reached.items())


async def until_caught_up(stack: Stack, *, within_s: float = 60.0) -> None:
    """Wait until every reader has read all that its sources have told so far."""
    target = await heads(stack)

    async def is_even() -> bool:
        return _have_read(await cursors(stack), target)

    await until(is_even, within_s=within_s, what=f"all feeds are read to {target}")
