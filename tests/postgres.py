"""One PostgreSQL server for a test session, and databases with the roles they have in production."""

import asyncio
import itertools
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest_asyncio

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
    process: "subprocess.Popen[bytes]" = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: set[str] = field(default_factory=set)

    async def start(self) -> None:
        """Start the server, also after a test has killed it: same port, same data."""
        self.server.prepare()
        self.process = start(self.server.command())
        await self.server.wait_until_ready(self.process)

    async def database(self, service: str = "requirements", *, template: str | None = None) -> DatabaseAddress:
        """A new database with extensions and the two roles of `service`, empty or a copy of `template`.

        Copy a migrated database rather than migrating again; nobody may be connected to a template while it is copied.
        """
        roles = ServiceDatabase.of(service)
        name = f"test_{service}_{next(self._numbers)}"
        connection = await asyncpg.connect(self.server.url())
        try:
            async with self._turn:
                if service not in self._known:
                    passwords = {role: self.server.role_password(role) for role in (roles.owner, roles.app)}
                    await create_roles(connection, roles, passwords=passwords)
                    self._known.add(service)
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
        if BLANK not in self._known:
            await connection.execute(f'CREATE DATABASE "{BLANK}"')
            await create_extensions(self.server.url(), BLANK)
            self._known.add(BLANK)
        return BLANK

    async def drop(self, database: DatabaseAddress) -> None:
        """Drop the database, ending whoever is still connected."""
        connection = await asyncpg.connect(self.server.url())
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')
        finally:
            await connection.close()


@asynccontextmanager
async def running_postgres(*, is_durable: bool = False) -> AsyncIterator[PostgresForTests]:
    """A server of its own. Durable only where a test kills it: else it does not wait for the disk."""
    directory = reachable_directory()
    running = PostgresForTests(EmbeddedPostgres(directory / "postgres", port=free_port(), is_durable=is_durable))
    try:
        await running.start()
        yield running
    finally:
        stop(running.process, signal.SIGINT if is_durable else signal.SIGQUIT, patience_s=30)
        running.server.release()
        shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres() -> AsyncIterator[PostgresForTests]:
    """The session's server."""
    async with running_postgres() as running:
        yield running
