"""What the gateway costs: throughput through it against direct, and its CPU time against nginx's.

Key check, rate limit, token, request id, trace and figures are on, as in production. Behind it stands one route made
with the chassis (token verified, contract kept, a resource of about 1 kB), without a database, so that what is measured
is the way and not the destination. The load comes from `wrk`; nginx (the Debian package) is measured when present.

    python -m benchmarks.gateway_throughput [--windows 10] [--seconds 2]
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from alembic import command
from alembic.config import Config
from fastapi import FastAPI

from benchmarks.report import Figure, exit_code, median_of_windows, medians_in_turn, remark, remark_load, report
from gateway.app import build_edge
from gateway.identity.administration import administration
from gateway.settings import GatewaySettings
from services.chassis.answers import Created, created
from services.chassis.documents import openapi_document
from services.chassis.identity import SCOPES, Principal, TokenSigner, TokenVerifier
from services.chassis.route_index import include
from services.chassis.routing import Router
from services.chassis.telemetry import TelemetryMiddleware
from services.chassis.types import Body, Prose, Reading, Title
from services.launcher.ports import free_port
from tests.postgres import running_postgres

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
ROOT = Path(__file__).parents[1]
NOTE = {"title": "A note", "body": "Words. " * 120}
NOTE_ID = UUID("0197b2c4-8f5e-7a30-9c1d-2f4e6a8b0c1d")
PATH = f"/v1/notes/{NOTE_ID}"
FEW, MANY = 16, 64
TICKS = os.sysconf("SC_CLK_TCK")


class NoteCreate(Body):
    title: Title
    body: Prose


class NoteRead(Reading):
    id: UUID
    title: str
    body: str


router = Router(prefix="/v1/notes", tags=["Notes"])


@router.get("/{note_id}", scope="roadmap:read", unit_of_work=False)
async def get_note(note_id: UUID) -> NoteRead:
    """Read a note."""
    return NoteRead(id=note_id, **NOTE)


@router.post(scope="roadmap:write", unit_of_work=False)
async def create_note(new: NoteCreate) -> Created[NoteRead]:
    """Keep a note."""
    return created(NoteRead(id=NOTE_ID, **new.fields()))


def destination() -> FastAPI:
    """The service behind the gateway."""
    app = FastAPI(title="Notes", openapi_url=None)
    app.state.context = SimpleNamespace(verifier=TokenVerifier(SEED, audience="roadmap"))
    include(app, [router])
    app.add_middleware(TelemetryMiddleware, service="roadmap")
    return app


def edge() -> Any:
    """The gateway in front of it."""
    return build_edge(GatewaySettings(), documents={"roadmap": openapi_document(destination())})


def serve(factory: Callable[[], Any], port: int) -> None:
    """Serve as `fullcircle serve` does."""
    uvicorn.run(
        factory(),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
    )


@dataclass
class Target:
    """A process under load."""

    name: str
    port: int
    pid: int
    token: str
    requests: int = 0
    cpu_s: float = 0.0
    errors: int = field(default=0)

    def cpu_now_s(self) -> float:
        """CPU time of the process and its children so far."""
        total = 0
        for pid in (self.pid, *_children(self.pid)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    async def load(self, *, connections: int, seconds: int, script: Path | None) -> float:
        """One window of load; answers requests per second."""
        arguments = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", f"Authorization: Bearer {self.token}"]
        arguments += ["-s", str(script)] if script else []
        path = "/v1/notes" if script else PATH
        before = self.cpu_now_s()
        process = await asyncio.create_subprocess_exec(
            *arguments, f"http://127.0.0.1:{self.port}{path}", stdout=subprocess.PIPE
        )
        output = (await process.communicate())[0].decode()
        self.cpu_s += self.cpu_now_s() - before
        self.requests += int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
        self.errors += int(wrong[1]) if wrong else 0
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]

    def cpu_us(self) -> float:
        """CPU microseconds per request since the last call."""
        spent = self.cpu_s / max(1, self.requests) * 1e6
        self.requests, self.cpu_s = 0, 0.0
        return spent


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


NGINX = """
daemon off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home};
    uwsgi_temp_path {home}; scgi_temp_path {home};
    upstream service {{ server 127.0.0.1:{behind}; keepalive 128; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


@asynccontextmanager
async def process(arguments: Sequence[str], port: int, **environment: str) -> AsyncIterator[int]:
    """A process that listens on a port while the block runs; answers its id."""
    running = await asyncio.create_subprocess_exec(*arguments, env={**os.environ, **environment}, cwd=ROOT)
    try:
        await _until_listening(port)
        yield running.pid
    finally:
        running.terminate()
        await running.wait()


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


@asynccontextmanager
async def targets(home: Path) -> AsyncIterator[list[Target]]:
    """Direct, through the gateway, and through nginx when it is installed."""
    behind, front, third = free_port(), free_port(), free_port()
    module = [sys.executable, "-m", "benchmarks.gateway_throughput"]
    signer = TokenSigner(SEED, issuer="benchmark")
    principal = Principal("key:benchmark", "key", uuid4(), "admin", frozenset(SCOPES))
    token = signer.sign(principal, audience="roadmap", lifetime_s=86_400)
    async with running_postgres() as postgres, process([*module, "--destination", str(behind)], behind) as service:
        database = await postgres.database("gateway")
        environment = {
            "FULLCIRCLE_GATEWAY_DATABASE_URL": database.app_url,
            "FULLCIRCLE_GATEWAY_MIGRATION_URL": database.owner_url,
            "FULLCIRCLE_GATEWAY_DIRECT_URL": database.app_url,
            "FULLCIRCLE_ROADMAP_URL": f"http://127.0.0.1:{behind}",
            "FULLCIRCLE_LOG_LEVEL": "warning",
            "FULLCIRCLE_RATE_LIMIT_REQUESTS": "100000000",
            **{f"FULLCIRCLE_{name}": SEED for name in ("SIGNING_KEY", "KEY_PEPPER", "CURSOR_KEY")},
        }
        config = Config(ROOT / "alembic.ini", ini_section="gateway")
        config.attributes["url"] = database.owner_url
        await asyncio.to_thread(command.upgrade, config, "head")
        pepper = GatewaySettings(
            database_url=database.app_url, migration_url="postgresql://", direct_url="postgresql://", key_pepper=SEED
        ).secret_bytes("key_pepper")
        async with administration(database.owner_url, pepper=pepper) as keys:
            issued = await keys.bootstrap("Benchmark")
        assert issued is not None
        async with process([*module, "--edge", str(front)], front, **environment) as gateway:
            known = [Target("direct", behind, service, token), Target("gateway", front, gateway, issued.key)]
            if shutil.which("nginx") is None:
                remark("nginx is not installed: not compared")
                yield known
                return
            config_file = home / "nginx.conf"
            config_file.write_text(NGINX.format(home=home, behind=behind, port=third))
            arguments = ["nginx", "-p", str(home), "-c", str(config_file), "-e", str(home / "error.log")]
            async with process(arguments, third) as nginx:
                yield [*known, Target("nginx", third, nginx, token)]


async def compare(known: list[Target], verb: str, *, windows: int, seconds: int, script: Path | None) -> list[Figure]:
    """Throughput at 16 connections, in turn, against direct."""
    rates = await medians_in_turn(
        [lambda each=each: each.load(connections=FEW, seconds=seconds, script=script) for each in known],  # type: ignore[misc]
        windows=windows,
    )
    direct = report(Figure(f"direct_{verb}_per_s", rates[0]))
    others = zip(known[1:], rates[1:], strict=True)
    return [
        report(
            Figure(
                f"{each.name}_{verb}_per_s", rate, against=direct, least_ratio=0.85 if each.name == "gateway" else None
            )
        )
        for each, rate in others
    ]


async def capacity(known: list[Target], *, windows: int, seconds: int) -> list[Figure]:
    """Requests that one core carries at 64 connections, by the CPU time that each process took."""
    figures: dict[str, Figure] = {}
    for each in reversed(known[1:]):
        each.cpu_us()
        await median_of_windows(
            lambda each=each: each.load(connections=MANY, seconds=seconds, script=None),  # type: ignore[misc]
            windows=windows,
        )
        spent = each.cpu_us()
        report(Figure(f"{each.name}_get_cpu_us", spent))
        against = figures.get("nginx")
        goal = 0.2 if each.name == "gateway" and against else None
        figures[each.name] = report(
            Figure(f"{each.name}_get_per_core_s", 1e6 / spent, against=against, least_ratio=goal)
        )
    return list(figures.values())


async def main(*, windows: int, seconds: int) -> int:
    if shutil.which("wrk") is None:
        remark("wrk is not installed: nothing measured")
        return 1
    remark_load("before")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "post.lua"
        body = f'{{"title":"{NOTE["title"]}","body":"{NOTE["body"]}"}}'
        script.write_text(f"wrk.method='POST'; wrk.headers['Content-Type']='application/json'; wrk.body=[[{body}]]\n")
        async with targets(Path(directory)) as known:
            figures += await compare(known, "get", windows=windows, seconds=seconds, script=None)
            figures += await compare(known, "post", windows=windows, seconds=seconds, script=script)
            figures += await capacity(known, windows=windows, seconds=seconds)
            for each in known:
                if each.errors:
                    remark(f"{each.name}: {each.errors} answers were no success")
                    return 1
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--destination", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--edge", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.destination:
        serve(destination, chosen.destination)
    elif chosen.edge:
        serve(edge, chosen.edge)
    else:
        sys.exit(asyncio.run(main(windows=chosen.windows, seconds=chosen.seconds)))
