"""Whether work flows: how far each reader is behind its feed, what was set aside, and which jobs are stuck."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from typing import NamedTuple

import asyncpg

from services.launcher.addresses import DatabaseUrls

# So much is caught up in seconds; what stands still for longer than five minutes has stopped.
LAG = 1_000
FAULTS = (OSError, TimeoutError, asyncpg.PostgresError)

READERS = """
    SELECT name, source, position, (SELECT count(*) FROM parked_event p WHERE p.cursor = c.name) AS parked
    FROM cursor c ORDER BY name
"""
BEHIND = """
    SELECT count(*) AS events, coalesce(min(occurred_at) < now() - interval '5 minutes', false) AS is_late
    FROM event WHERE position > $1 OR position IS NULL
"""
# A worker beats every few seconds: a job in the hands of one that does not is taken up by nobody.
STUCK = """
    SELECT task_name, status::text, count(*) AS jobs FROM procrastinate_jobs j
    LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
    WHERE (status = 'doing' AND (w.last_heartbeat IS NULL OR w.last_heartbeat < now() - interval '5 minutes'))
       OR (status = 'todo' AND coalesce(scheduled_at, (
              SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id)) < now() - interval '5 minutes')
       OR (status = 'failed' AND EXISTS (
              SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - interval '1 day'))
    GROUP BY task_name, status ORDER BY task_name, status
"""


class Flow(NamedTuple):
    """One thing looked at, as the doctor says it."""

    is_well: bool
    what: str
    remedy: str = ""


async def flow(urls: Mapping[str, DatabaseUrls]) -> AsyncIterator[Flow]:
    """Every reader and every queue of these databases; a database that cannot be asked is the doctor's to name."""
    async with AsyncExitStack() as stack:
        databases: dict[str, asyncpg.Connection] = {}
        for service, each in urls.items():
            with suppress(*FAULTS):
                connection = await asyncpg.connect(each.application, timeout=10)
                stack.push_async_callback(connection.close)
                databases[service] = connection
        for service, database in databases.items():
            with suppress(*FAULTS):
                for reader in await database.fetch(READERS):
                    if source := databases.get(reader["source"]):
                        yield _reader(service, reader, await source.fetchrow(BEHIND, reader["position"]))
                yield _queue(service, await database.fetch(STUCK))


def _reader(service: str, reader: asyncpg.Record, behind: asyncpg.Record) -> Flow:
    what = f"{service} reads {reader['source']} ({reader['name']}): {behind['events']} events behind"
    if reader["parked"]:
        path = f"/internal/consumers/{reader['name']}/parked-events"
        return Flow(False, f"{what}, {reader['parked']} set aside", f"Look at {path} of {service}, and replay them")
    is_well = behind["events"] <= LAG and not behind["is_late"]
    return Flow(is_well, what, f"Read logs/{service}.log in the home: what keeps it from reading?")


def _queue(service: str, stuck: list[asyncpg.Record]) -> Flow:
    named = ", ".join(f"{row['jobs']} {row['task_name']} {row['status']}" for row in stuck)
    return Flow(
        not stuck, f"jobs of {service}: {named or 'none stuck'}", f"Read logs/{service}.log; start a worker again"
    )
