"""How fast measurements are taken in exactly once, against `\\copy` of the same rows; and whether queries stay flat.

Twenty percent of what is sent is sent twice, five percent comes late, and at the end the totals are compared with the
rows to the unit. All goes through the gateway of a stack of its own, started as everybody starts it; the `\\copy`
(psql) goes into a table of the same shape, with the same keys and indexes, on the same server.

    python -m benchmarks.metrics_ingest [--events 200000] [--queries 200]
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import numpy as np

from benchmarks.own_stack import own_home, running_stack, until_ready
from benchmarks.report import WINDOWS, Figure, exit_code, medians_in_turn, remark, remark_load, report
from services.chassis.identity import SCOPES, Principal, TokenSigner
from services.launcher.ports import free_port
from tests.postgres import DatabaseAddress

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
ROOT = Path(__file__).parents[1]
BATCH = 10_000
DAYS = 90
END = datetime(2026, 6, 1, tzinfo=UTC)
NDJSON = {"Content-Type": "application/x-ndjson"}
SMALL = 100_000
IN_FLIGHT = 2
PSQL = shutil.which("psql") or "psql"


@dataclass(frozen=True)
class Sent:
    """One measurement as it is sent."""

    kpi_id: str
    key: str
    at: datetime
    value: Decimal

    def line(self) -> bytes:
        fields = {"kpi_id": self.kpi_id, "value": float(self.value), "measured_at": self.at.isoformat()}
        return json.dumps(fields | {"dedupe_key": self.key}).encode()


class Caller:
    """What is asked of metrics, whoever answers."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def make_kpis(self, count: int) -> list[str]:
        made = []
        for number in range(count):
            body = {"name": f"KPI {number}", "unit": "events", "aggregation": "sum", "direction": "up"}
            answer = (await self.http.post("/v1/kpis", json=body)).raise_for_status()
            made.append(answer.json()["id"])
        return made

    async def send(self, body: bytes) -> None:
        answer = await self.http.post("/v1/measurements/bulk", content=body, headers=NDJSON)
        answer.raise_for_status()
        assert answer.text.count('"status":20') == body.count(b"\n") + 1, "a line was refused"

    async def total(self, kpi_id: str) -> Decimal:
        points = await self.series(kpi_id)
        return sum((Decimal(repr(each["value"])) for each in points if each["value"] is not None), Decimal(0))

    async def series(self, kpi_id: str) -> list[dict[str, Any]]:
        span = {"from": (END - timedelta(days=DAYS)).isoformat(), "to": END.isoformat()}
        answer = (await self.http.get(f"/v1/kpis/{kpi_id}/series", params=span)).raise_for_status()
        points: list[dict[str, Any]] = answer.json()["points"]
        return points


class Client(Caller):
    """Calls the service as the gateway would, with a token that is always fresh."""

    def __init__(self, base_url: str) -> None:
        self.workspace = uuid4()
        self._signer = TokenSigner(SEED, issuer="benchmark")
        super().__init__(httpx.AsyncClient(base_url=base_url, timeout=120, auth=self._signed))

    def _signed(self, request: httpx.Request) -> httpx.Request:
        principal = Principal("key:benchmark", "key", self.workspace, "admin", frozenset(SCOPES))
        request.headers["Authorization"] = f"Bearer {self._signer.sign(principal, audience='metrics')}"
        return request


def events(kpis: Sequence[str], count: int, *, seed: int) -> list[list[Sent]]:
    """Batches over the ninety days; one in twenty is three days late, and one batch in five is sent again."""
    random = np.random.default_rng(seed)
    seconds = np.linspace(3 * 86_400, DAYS * 86_400 - 1, count)
    seconds -= np.where(random.random(count) < 0.05, 3 * 86_400, 0)
    values = random.integers(1, 100_000, count)
    owners = random.integers(0, len(kpis), count)
    begin = END - timedelta(days=DAYS)
    rows = [
        Sent(kpis[owner], f"{seed}-{number}", begin + timedelta(seconds=float(second)), Decimal(int(value)) / 100)
        for number, (owner, second, value) in enumerate(zip(owners, seconds, values, strict=True))
    ]
    batches = [rows[start : start + BATCH] for start in range(0, count, BATCH)]
    again = [batches[index] for index in random.choice(len(batches), max(1, len(batches) // 5), replace=False)]
    return batches + again


@asynccontextmanager
async def service(database: DatabaseAddress, home: str) -> AsyncIterator[str]:
    """The metrics process; answers its address."""
    port = free_port()
    urls = {"DATABASE": database.app_url, "MIGRATION": database.owner_url, "DIRECT": database.app_url}
    environment = {f"FULLCIRCLE_METRICS_{kind}_URL": url for kind, url in urls.items()}
    environment |= {f"FULLCIRCLE_{name}": SEED for name in ("SIGNING_KEY", "CURSOR_KEY", "KEY_PEPPER")}
    environment |= {"FULLCIRCLE_LOG_LEVEL": "error", "FULLCIRCLE_HOME": home}
    arguments = ["-m", "services.launcher", "serve", "metrics", "--host", "127.0.0.1", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**os.environ, **environment}, cwd=ROOT
    )
    try:
        await until_ready(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def ingest(client: Caller, batches: Sequence[Sequence[Sent]]) -> float:
    """Events per second, two requests in flight."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def send(body: bytes) -> None:
        async with gate:
            await client.send(body)

    bodies = [b"\n".join(each.line() for each in batch) for batch in batches]
    began = time.perf_counter()
    await asyncio.gather(*(send(body) for body in bodies))
    return sum(map(len, batches)) / (time.perf_counter() - began)


async def copy(database_url: str, batches: Sequence[Sequence[Sent]], home: str) -> float:
    """Rows per second of psql's `\\copy`, each row once, a file and a transaction per batch."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE copied (LIKE measurement INCLUDING ALL)")
    await connection.execute("ALTER TABLE copied ADD UNIQUE (workspace_id, kpi_id, dedupe_key)")
    workspace, now = uuid4(), datetime.now(UTC)
    unique = list({id(batch): batch for batch in batches}.values())
    script = []
    for number, batch in enumerate(unique):
        rows = (
            f"{workspace}\t{uuid4()}\t{row.kpi_id}\t{row.key}\t{row.at.isoformat()}\t{row.value}\t1\t{{}}\t{now}\t\\N\t1\t\\N\n"
            for row in batch
        )
        file = Path(home) / f"batch-{number}.tsv"
        file.write_text("".join(rows))
        script.append(f"\\copy copied from '{file}'")
    psql = await asyncio.create_subprocess_exec(PSQL, "-q", database_url, stdin=subprocess.PIPE)
    began = time.perf_counter()
    await psql.communicate("\n".join(script).encode())
    rate = sum(map(len, unique)) / (time.perf_counter() - began)
    assert await connection.fetchval("SELECT count(*) FROM copied") == sum(map(len, unique))
    await connection.execute("DROP TABLE copied")
    await connection.close()
    return rate


async def query_ms(client: Caller, kpi_id: str, *, times: int) -> float:
    """The median time of a ninety-day daily series."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await client.series(kpi_id)
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


async def compare(client: Caller, small_kpi: str, large_kpi: str, *, count: int, queries: int) -> Figure:
    """Windows in turn; the median of each."""
    times = max(1, queries // WINDOWS)
    few, many = await medians_in_turn(
        [partial(query_ms, client, kpi_id, times=times) for kpi_id in (small_kpi, large_kpi)]
    )
    small = report(Figure("metrics_series_p50_ms_at_100k", few))
    large = report(Figure(f"metrics_series_p50_ms_at_{count // 1000}k", many, against=small))
    return report(Figure("metrics_series_slower_by", large.value / small.value, at_most=1.2))


async def measure(client: Caller, database_url: str, *, home: str, count: int, queries: int) -> list[Figure]:
    small, *large = await client.make_kpis(4)
    first = events([small], SMALL, seed=1)
    await ingest(client, first)
    rest = events(large, count * len(large), seed=2)
    copied = report(Figure("metrics_copy_rows_per_s", await copy(database_url, rest, home)))
    rate = Figure("metrics_ingest_per_s", await ingest(client, rest), against=copied, least_ratio=0.25)
    report(rate)
    flat = await compare(client, small, large[0], count=count, queries=queries)
    wrong = 0
    for kpi_id in (small, *large):
        unique = {row.key: row.value for batch in (*first, *rest) for row in batch if row.kpi_id == kpi_id}
        wrong += await client.total(kpi_id) != sum(unique.values())
    return [rate, flat, report(Figure("metrics_totals_that_differ_from_rows", wrong, at_most=0))]


async def run(options: argparse.Namespace) -> int:
    remark_load("before")
    os.environ["FULLCIRCLE_RATE_LIMIT_REQUESTS"] = "1000000"  # the queries of a minute are more than one key may make
    with tempfile.TemporaryDirectory() as folder, own_home() as home, running_stack(home) as stack:
        headers = {"Authorization": f"Bearer {stack.key}"}
        database_url = stack.database("metrics").superuser_url
        async with httpx.AsyncClient(base_url=stack.url, timeout=120, headers=headers) as http:
            sizes = {"count": options.events, "queries": options.queries}
            figures = await measure(Caller(http), database_url, home=folder, **sizes)
    remark("20 % sent twice, 5 % late; totals compared exactly")
    remark_load("after")
    return exit_code(figures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="for each of three KPIs")
    parser.add_argument("--queries", type=int, default=200)
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
