"""A whole Fullcircle on this machine: PostgreSQL, four databases, four processes."""

import asyncio
import http.client
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import asyncpg

from services.launcher.addresses import (
    Addresses,
    DatabaseUrls,
    embedded_databases,
    given_databases,
    inherited_environment,
)
from services.launcher.bootstrap import SERVICES
from services.launcher.databases import bootstrap_embedded, postgres_program
from services.launcher.errors import LauncherError
from services.launcher.home import Home
from services.launcher.nursery import LAUNCHER, Nursery
from services.launcher.ports import free_port, is_free
from services.launcher.postgres import EmbeddedPostgres
from services.launcher.process import Command, leash, rotate, start, tail
from services.launcher.secrets import ensure_secrets
from services.launcher.supervisor import Program, Supervisor, stop_leftovers
from services.launcher.version import ROOT

PROBE_TIMEOUT_S = 5.0
CAN_FORK = sys.platform == "linux"
"""Where libraries live on after a fork, and the kernel ends a child with its parent."""


class PortTaken(LauncherError):
    """Somebody else listens on the port that was asked for."""


class MigrationFailed(LauncherError):
    """The databases could not be brought to this version."""


@dataclass
class Stack:
    """One stack in one home; `say` receives each sentence for the person at the terminal."""

    home: Home
    port: int
    say: Callable[[str], None]
    supervisor: Supervisor = field(init=False)
    server: EmbeddedPostgres | None = field(init=False, default=None)
    addresses: Addresses = field(init=False)
    first_key: str | None = field(init=False, default=None)
    _nursery: Nursery = field(init=False, default_factory=Nursery)

    async def start(self) -> None:
        """Return when all four answer that they are ready."""
        self.home.take()
        for name in await asyncio.to_thread(stop_leftovers, self.home.children):
            self.say(f"Stopped {name}, left running by a launcher that was killed")
        if not is_free(self.port):
            raise PortTaken(f"Port {self.port} is taken. Choose another with FULLCIRCLE_PORT.")
        self.supervisor = Supervisor(notes=self.home.children, say=self.say)
        ensure_secrets(self.home.secrets)
        loading = asyncio.ensure_future(self._start_nursery())
        try:
            databases = given_databases() or await self._start_postgres()
            ports = {service: self.port if service == "gateway" else free_port() for service in SERVICES}
            self.addresses = Addresses(home=self.home.path, ports=ports, databases=databases)
            if not await are_migrated(self.addresses.databases):
                await run_migrations(self.addresses)
            await loading
        finally:
            loading.cancel()
        await self.supervisor.start([self._service(service) for service in SERVICES])
        if self.home.is_new:
            self.first_key = await self._make_first_key()
        self._note_addresses()
        self.home.stamp()

    async def stop(self) -> None:
        if hasattr(self, "supervisor"):
            await self.supervisor.stop()
            self.home.stack.unlink(missing_ok=True)
        if self.server:
            self.server.release()
        self.home.release()

    async def _make_first_key(self) -> str | None:
        # Loads SQLAlchemy, which no later start of the launcher needs.
        from services.launcher.keys import first_key  # noqa: PLC0415

        return await first_key(self.addresses.databases["gateway"].migration, self.home)

    def _note_addresses(self) -> None:
        urls = {service: self.addresses.url(service) for service in SERVICES}
        draft = self.home.stack.with_suffix(".new")
        draft.write_text(json.dumps({"launcher": os.getpid(), "urls": urls}))
        draft.replace(self.home.stack)

    async def _start_postgres(self) -> Mapping[str, DatabaseUrls]:
        self.server = EmbeddedPostgres(self.home.postgres(), port=free_port())
        await self.supervisor.start([postgres_program(self.server)])
        await bootstrap_embedded(self.server)
        return embedded_databases(self.server)

    async def _start_nursery(self) -> None:
        if not CAN_FORK:
            return
        arguments = [*leash(signal.SIGTERM), sys.executable, "-m", "services.launcher.nursery_main"]

        def command() -> Command:
            return Command(arguments, inherited_environment(), ROOT, log=self._log("nursery"))

        nursery = self._nursery
        await self.supervisor.start([Program("nursery", command, is_ready=nursery.is_loaded, start=nursery.start)])

    def _service(self, service: str) -> Program:
        def command() -> Command:
            arguments = [*([] if CAN_FORK else leash(signal.SIGTERM)), *self.addresses.serve(service)]
            return Command(arguments, self.addresses.environment(service), ROOT, log=self._log(service))

        program = Program(service, command, is_ready=lambda: answers(self.addresses.url(service)))
        return replace(program, start=self._nursery.fork) if CAN_FORK else program

    def _log(self, name: str) -> Path:
        log = self.home.logs / f"{name}.log"
        rotate(log)
        return log


async def answers(url: str) -> bool:
    """Whether the process there says that it is ready."""
    return await asyncio.to_thread(_answers, urlsplit(url))


def _answers(url: SplitResult) -> bool:
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.netloc, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", f"{url.path.rstrip('/')}/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


async def are_migrated(databases: Mapping[str, DatabaseUrls]) -> bool:
    """Whether all four are at the newest revision, which spares most starts the time it takes to load Alembic."""
    for service, urls in databases.items():
        connection = await asyncpg.connect(urls.migration)
        try:
            if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
                return False
            if await connection.fetchval("SELECT version_num FROM alembic_version") != newest_revision(service):
                return False
        finally:
            await connection.close()
    return True


def newest_revision(service: str) -> str | None:
    """The end of a service's history: revisions are numbered, and a file is named after its own."""
    versions = ROOT / "migrations" / service / "versions"
    return max((path.name.partition("_")[0] for path in versions.glob("[0-9]*_*.py")), default=None)


async def run_migrations(addresses: Addresses) -> None:
    """Migrate in a process of its own: what Alembic loads is not kept in memory for as long as the stack runs."""
    environment = addresses.environment("gateway")
    for service in SERVICES:
        environment |= addresses.databases[service].environment(service)
    log = addresses.home / "logs" / "migrate.log"
    arguments = [*leash(signal.SIGTERM), *LAUNCHER, "migrate"]
    process = start(Command(arguments=arguments, environment=environment, directory=ROOT, log=log))
    try:
        code = await asyncio.to_thread(process.wait)
    except asyncio.CancelledError:
        process.terminate()
        raise
    if code != 0:
        raise MigrationFailed(f"The migration failed; all of it is in {log}. Its end:\n{tail(log, 12)}")


def wanted_port() -> int:
    """`FULLCIRCLE_PORT`, 8000 unless it is set."""
    text = os.environ.get("FULLCIRCLE_PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise LauncherError(f"FULLCIRCLE_PORT must be a port number, not {text!r}")
    return int(text)
