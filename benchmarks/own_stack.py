"""A stack for one benchmark: `fullcircle up` in a home that is thrown away afterwards."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from services.launcher.addresses import Addresses, embedded_databases
from services.launcher.bootstrap import ServiceDatabase
from services.launcher.home import Home
from services.launcher.ports import free_port
from services.launcher.postgres import EmbeddedPostgres
from tests.postgres import DatabaseAddress

ROOT = Path(__file__).parents[1]
SERVICES = ("requirements", "roadmap", "metrics", "gateway")
KEY = re.compile(r"fc_live_[0-9A-Za-z]{36}")
READY = "is ready"


@dataclass(frozen=True)
class RunningStack:
    """A stack that answers, how long that took, and its first key, which only the first start shows."""

    home: Path
    url: str
    key: str | None
    ready_after_s: float

    def memory_mb(self) -> float:
        """Of the three services, the gateway and the nursery, each page that they share counted once (Linux: Pss)."""
        pids = self.pids()
        return sum(psutil.Process(pids[name]).memory_full_info().pss for name in (*SERVICES, "nursery")) / 2**20

    def cpu_s(self) -> float:
        """CPU that the launcher and all that it keeps running, PostgreSQL too, have taken until now."""
        launcher = psutil.Process(self._noted()["launcher"])
        return sum(sum(each.cpu_times()[:2]) for each in (launcher, *launcher.children(recursive=True)))

    def pids(self) -> dict[str, int]:
        """The processes that run now, by name."""
        children = json.loads((self.home / "children.json").read_text())["children"]
        return {child["name"]: int(child["pid"]) for child in children}

    def database(self, service: str) -> DatabaseAddress:
        """A service's database, as superuser, owner and application see it."""
        server, roles = self._server(), ServiceDatabase.of(service)
        return DatabaseAddress(
            name=roles.name,
            superuser_url=server.url(roles.name),
            owner_url=server.role_url(roles.name, roles.owner),
            app_url=server.role_url(roles.name, roles.app),
        )

    def environment(self, service: str) -> dict[str, str]:
        """What the launcher starts the process of this service with; /proc shows the nursery's, not its own."""
        ports = {name: int(urlsplit(url).port or 0) for name, url in self._noted()["urls"].items()}
        addresses = Addresses(home=self.home, ports=ports, databases=embedded_databases(self._server()))
        return addresses.environment(service)

    def _noted(self) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads((self.home / "stack.json").read_text())
        return noted

    def _server(self) -> EmbeddedPostgres:
        server = EmbeddedPostgres.running(Home(self.home).postgres())
        if server is None:
            raise RuntimeError("the stack's PostgreSQL does not run")
        return server


async def until_ready(address: str) -> None:
    """Return once the process there takes requests; raises TimeoutError after three minutes."""
    async with httpx.AsyncClient() as client, asyncio.timeout(180):
        while True:
            try:
                if (await client.get(f"{address}/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


@contextmanager
def own_home() -> Iterator[Path]:
    """A directory that the unprivileged account of PostgreSQL can reach."""
    directory = Path(tempfile.mkdtemp(prefix="fullcircle-bench-"))
    directory.chmod(0o755)
    try:
        yield directory / "home"
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def running_stack(home: Path) -> Iterator[RunningStack]:
    """Start, wait until it says that it is ready, and stop it as Ctrl-C would."""
    port = free_port()
    environment = {**os.environ, "FULLCIRCLE_HOME": str(home), "FULLCIRCLE_PORT": str(port)}
    began = perf_counter()
    launcher = subprocess.Popen(
        [sys.executable, "-m", "services.launcher", "up"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = _until_ready(launcher)
        ready_after_s = perf_counter() - began
        key = KEY.search("".join(said))
        yield RunningStack(home, f"http://127.0.0.1:{port}", key[0] if key else None, ready_after_s)
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.wait(timeout=60)


def _until_ready(launcher: "subprocess.Popen[str]") -> list[str]:
    """What it said up to its last line of advice; raises RuntimeError when it ends before that."""
    said: list[str] = []
    for line in launcher.stdout or ():
        said.append(line)
        if "Ctrl-C" in line and any(READY in each for each in said):
            return said
    raise RuntimeError("the stack did not start:\n" + "".join(said))
