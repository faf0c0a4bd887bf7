"""What must be true of the events of a running stack, read from its databases."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

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


PROGRESS = """
    SELECT (SELECT position FROM feed_head) + (SELECT count(*) FROM event WHERE position IS NULL) AS told,
           (SELECT json_object_agg(source, slowest) FROM (
                SELECT source, min(position) AS slowest FROM cursor GROUP BY source) AS readers) AS reached,
           (SELECT count(*) FROM operation WHERE state IN ('queued', 'running')) AS working
"""
LOOK_S = 0.25  # a look opens connections, each of which takes some milliseconds of a core


@asynccontextmanager
async def looking(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.database_url(service))
    try:
        yield connection
    finally:
        await connection.close()


async def faults_of_feeds(stack: Stack) -> list[str]:
    """Gaps, doubles and disorder in the four event logs, and events that nobody could apply; empty when all is well."""
    faults = []
    for service in SERVICES:
        async with looking(stack, service) as connection:
            uneven = await connection.fetchrow(UNEVEN_POSITIONS)
            faults += [f"{service}: {count} events {how}" for how, count in uneven.items() if count]
            disorder = await connection.fetch(OUT_OF_ORDER)
            faults += [f"{service}: {row['subject_type']} {row['subject_id']} is out of order" for row in disorder]
            parked = await connection.fetch("SELECT cursor, event->>'type' AS type, error FROM parked_event")
            faults += [f"{service}: {row['type']} is parked by {row['cursor']}: {row['error']}" for row in parked]
    return faults


@dataclass
class Progress:
    """How many events each service has told, numbered or not yet, and how far the slowest of its readers is in each.

    And how much long work is not done yet: what it comes to is told when it ends.
    """

    told: dict[str, int] = field(default_factory=dict)
    reached: dict[tuple[str, str], int] = field(default_factory=dict)
    working: int = 0

    def has_read(self, told: dict[str, int]) -> bool:
        return bool(self.reached) and all(position >= told[source] for (_, source), position in self.reached.items())


async def progress(stack: Stack) -> Progress:
    found = Progress()
    for service in SERVICES:
        async with looking(stack, service) as connection:
            row = await connection.fetchrow(PROGRESS)
            found.told[service] = row["told"]
            found.working += row["working"]
            reached = json.loads(row["reached"] or "{}")
            found.reached |= {(service, source): position for source, position in reached.items()}
    return found


async def until_caught_up(stack: Stack, *, within_s: float = 60.0) -> None:
    """Wait until every reader has read all that its sources have told so far."""
    target = (await progress(stack)).told

    async def is_even() -> bool:
        return (await progress(stack)).has_read(target)

    await until(is_even, within_s=within_s, every_s=LOOK_S, what=f"all feeds are read to {target}")


async def until_quiet(stack: Stack, *, within_s: float = 60.0) -> None:
    """Wait until long work has ended, and every reader has applied all that there is and set nothing aside."""

    async def is_quiet() -> bool:
        seen = await progress(stack)
        return not seen.working and seen.has_read(seen.told) and await faults_of_feeds(stack) == []

    await until(is_quiet, within_s=within_s, every_s=LOOK_S, what="the readers have caught up")
