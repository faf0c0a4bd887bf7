"""Whether a KPI is read as fast with ten million measurements as with a hundred thousand, and how exact sketches are.

The rows are written by PostgreSQL itself and added up by the product's own rebuild, so that what is read is what intake
would have left; then the ninety-day daily series of both are read over HTTP in turn, so that they share whatever else
the machine does, and distinct counts and 99th percentiles are compared with what the rows say.

    python -m benchmarks.metrics_query [--events 10000000] [--queries 100]
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import numpy as np

from benchmarks.metrics_ingest import DAYS, END, SEED, SMALL, Client, compare, service
from benchmarks.report import Figure, exit_code, remark, remark_load, report
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.pseudonyms import pseudonym
from services.metrics.measurements.rebuilding import rebuild
from services.metrics.measurements.sketching import sketch_dirty_days
from services.metrics.settings import MetricsSettings
from tests.migrated import upgrade
from tests.postgres import DatabaseAddress, running_postgres

PEOPLE = 1_000_000
CHUNK = 100_000
AT_ONCE = 1_000_000
COLUMNS = (
    *("workspace_id", "id", "kpi_id", "dedupe_key", "measured_at", "value", "weight", "dimensions", "received_at"),
    *("subject", "version"),
)
GENERATED = """
INSERT INTO measurement (workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, received_at,
                         version)
SELECT $1, gen_random_uuid(), $2, n::text, $3::timestamptz + n * $4::interval, round((100 * random())::numeric, 2), 1,
       '{}', $3::timestamptz, 1
FROM generate_series($5::integer, $6::integer) AS n
"""
Loaded = dict[int, tuple[set[int], list[float]]]


def rows(client: Client, kpi_id: str, count: int, kept: Loaded | None) -> Iterator[list[tuple[Any, ...]]]:
    """Chunks of rows over the ninety days; what each day holds is kept, to compare with."""
    random = np.random.default_rng(count)
    begin = END - timedelta(days=DAYS)
    names = [pseudonym(str(each), workspace=client.workspace.bytes, secret=b"x") for each in range(PEOPLE)]
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        seconds = (start + np.sort(random.random(size)) * size) * 86_400 * DAYS / count
        values = np.round(random.lognormal(3, 1, size), 2)
        people = random.integers(0, PEOPLE, size)
        chunk = []
        for second, value, person in zip(seconds.tolist(), values.tolist(), people.tolist(), strict=True):
            if kept is not None:
                told = kept.setdefault(int(second // 86_400), (set(), []))
                told[0].add(person)
                told[1].append(value)
            at, row = begin + timedelta(seconds=second), uuid4()
            figures = Decimal(repr(value)), Decimal(1)
            chunk.append((client.workspace, row, UUID(kpi_id), str(row), at, *figures, "{}", END, names[person], 1))
        yield chunk


async def load(
    database: DatabaseAddress, client: Client, kpi_id: str, count: int, *, kept: Loaded | None = None
) -> None:
    """COPY the rows."""
    connection = await asyncpg.connect(database.superuser_url)
    for chunk in rows(client, kpi_id, count, kept):
        await connection.copy_records_to_table("measurement", records=chunk, columns=COLUMNS)
    await connection.execute("ANALYZE measurement")
    await connection.close()


async def generate(database: DatabaseAddress, client: Client, kpi_id: str, count: int) -> None:
    """So many rows evenly over the ninety days, a step at a time."""
    connection = await asyncpg.connect(database.superuser_url)
    begin, step = END - timedelta(days=DAYS), timedelta(days=DAYS) / count
    for start in range(0, count, AT_ONCE):
        end = min(start + AT_ONCE, count) - 1
        await connection.execute(GENERATED, client.workspace, UUID(kpi_id), begin, step, start, end)
    await connection.execute("ANALYZE measurement")
    await connection.close()


async def add_up(context: MetricsContext, client: Client, kpi_id: str) -> None:
    async with context.database.transaction(workspace_id=client.workspace) as session:
        await rebuild(session, UUID(kpi_id), now=END)
    await sketch_dirty_days(context)


async def define(client: Client, name: str, **differing: Any) -> str:
    body = {"name": name, "unit": "events", "aggregation": "sum", "direction": "up"} | differing
    answer = (await client.http.post("/v1/kpis", json=body)).raise_for_status()
    made: str = answer.json()["id"]
    return made


async def worst_error(client: Client, kpi_id: str, exact: dict[int, float]) -> float:
    points = await client.series(kpi_id)
    return max(abs(points[day]["value"] / figure - 1) for day, figure in exact.items())


async def measure(
    client: Client, database: DatabaseAddress, context: MetricsContext, *, count: int, queries: int
) -> list[Figure]:
    small_kpi, large_kpi = [await define(client, name) for name in ("Small", "Large")]
    people = await define(client, "People", aggregation="distinct")
    slowest = await define(client, "Slowest", aggregation="percentile", percentile=99)
    for kpi_id, size in ((small_kpi, SMALL), (large_kpi, count)):
        await generate(database, client, kpi_id, size)
        await add_up(context, client, kpi_id)
    figures = [await compare(client, small_kpi, large_kpi, count=count, queries=queries)]
    for kpi_id in (people, slowest):
        kept: Loaded = {}
        await load(database, client, kpi_id, min(count, 1_000_000), kept=kept)
        await add_up(context, client, kpi_id)
        if kpi_id == people:
            exact = {day: float(len(told[0])) for day, told in kept.items()}
            error = Figure("metrics_distinct_error", await worst_error(client, kpi_id, exact), at_most=0.03)
        else:
            exact = {day: float(np.quantile(told[1], 0.99, method="lower")) for day, told in kept.items()}
            error = Figure("metrics_p99_error", await worst_error(client, kpi_id, exact), at_most=0.01)
        remark(f"bound stated: {await stated(client, kpi_id)}")
        figures.append(report(error))
    return figures


async def stated(client: Client, kpi_id: str) -> str:
    answer = (await client.http.get(f"/v1/kpis/{kpi_id}/series")).json()
    return f"{answer['method']}, {answer['error_bound']}"


async def run(options: argparse.Namespace) -> int:
    remark_load("before")
    with tempfile.TemporaryDirectory() as home:
        async with running_postgres(is_durable=False) as postgres:
            database = await postgres.database("metrics")
            await upgrade("metrics", database)
            context = _context(database)
            async with service(database, home) as base_url:
                client = Client(base_url)
                figures = await measure(client, database, context, count=options.events, queries=options.queries)
                await client.http.aclose()
            await context.analyst.close()
            await context.database.close()
    remark_load("after")
    return exit_code(figures)


def _context(database: DatabaseAddress) -> MetricsContext:
    urls = {"database_url": database.app_url, "migration_url": database.owner_url, "direct_url": database.app_url}
    secrets = dict.fromkeys(("signing_key", "cursor_key", "key_pepper"), SEED)
    return MetricsContext.build(MetricsSettings(**urls, **secrets, statement_timeout_s=3_600))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--queries", type=int, default=100)
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
