"""PostgreSQL servers for tests, and databases with the roles they have in production."""

import asyncio
import itertools
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from services.launcher.bootstrap import ServiceDatabase, create_database, create_extensions, create_roles
from services.launcher.ports import free_port
from services.launcher.postgres import EmbeddedPostgres
from services.launcher.process import start, stop
from tests.shared import reachable_directory

BLANK = "test_blank"


@dataclass(frozen=True)
class DatabaseAddress:
    """One database, as its superuser, its owner (migrations) and its application see it."""

    name: str
    superuser_url: str
    owner_url: str
    app_url: str


@dataclass
class PostgresForTests:
    """A running server that makes databases on demand; give them back with `drop` when a session makes many."""

    server: EmbeddedPostgres
    known: set[str] = field(default_factory=set)
    """The services whose roles are there, and the blank template when it is."""
    process: "subprocess.Popen[bytes]" = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self) -> None:
        """Start the server, also after a test has killed it: same port, same data."""
        self.server.prepare()
        self.process = start(self.server.command())
        await self.server.wait_until_ready(self.process)

    async def database(
        self, service: str = "requirements", *, template: str | None = None, name: str | None = None
    ) -> DatabaseAddress:
        """A new database with extensions and the two roles of `service`, empty or a copy of `template`.

        Copy a migrated database rather than migrating again; nobody may be connected to a template while it is copied.
        """
        roles = ServiceDatabase.of(service)
        name = name or f"test_{service}_{next(self._numbers)}"
        connection = await asyncpg.connect(self.server.url())
        try:
            async with self._turn:
                if service not in self.known:
                    passwords = {role: self.server.role_password(role) for role in (roles.owner, roles.app)}
                    await create_roles(connection, roles, passwords=passwords)
                    self.known.add(service)
                template = template or await self._blank(connection)
                await create_database(connection, name, owner=roles.owner, app=roles.app, template=template)
        finally:
            await connection.close()
        return DatabaseAddress(
            name=name,
            superuser_url=self.server.url(name),
            owner_url=self.server.role_url(name, roles.owner),
            app_url=self.server.role_url(name, roles.app),
        )

    async def _blank(self, connection: asyncpg.Connection) -> str:
        """The extensions and nothing else: to copy them takes a fifth of making them."""
        if BLANK not in self.known:
            await connection.execute(f'CREATE DATABASE "{BLANK}"')
            await create_extensions(self.server.url(), BLANK)
            self.known.add(BLANK)
        return BLANK

    async def drop(self, database: DatabaseAddress) -> None:
        """Drop the database, ending whoever is still connected."""
        connection = await asyncpg.connect(self.server.url())
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')
        finally:
            await connection.close()


@asynccontextmanager
async def serving(
    directory: Path, *, known: Iterable[str] = (), is_durable: bool = False, is_kept: bool = False
) -> AsyncIterator[PostgresForTests]:
    """A server in this directory. What is to be kept is written down at the end."""
    running = PostgresForTests(EmbeddedPostgres(directory, port=free_port(), is_durable=is_durable), set(known))
    try:
        await running.start()
        yield running
    finally:
        stop(running.process, signal.SIGINT if is_durable or is_kept else signal.SIGQUIT, patience_s=30)
        running.server.release()


@asynccontextmanager
async def running_postgres(*, is_durable: bool = False) -> AsyncIterator[PostgresForTests]:
    """A server of its own, gone at the end. Durable only where a test kills it: else it does not wait for the disk."""
    directory = reachable_directory()
    try:
        async with serving(directory / "postgres", is_durable=is_durable) as running:
            yield running
    finally:
        shutil.rmtree(directory)
