"""The session's server, and databases with a service's whole schema: migrated once for all workers, then copied."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from alembic import command
from alembic.config import Config

from services.launcher.bootstrap import SERVICES
from tests.postgres import DatabaseAddress, PostgresForTests, serving
from tests.shared import FURNISHED, copy_owned, once_awaited, reachable_directory, shared

ROOT = Path(__file__).parents[1]


def configuration(service: str, database: DatabaseAddress) -> Config:
    """Alembic's configuration for one history, on one database, as its owner."""
    config = Config(ROOT / "alembic.ini", ini_section=service)
    config.attributes["url"] = database.owner_url
    return config


async def upgrade(service: str, database: DatabaseAddress, revision: str = "head") -> None:
    await asyncio.to_thread(command.upgrade, configuration(service, database), revision)


async def downgrade(service: str, database: DatabaseAddress, revision: str = "base") -> None:
    await asyncio.to_thread(command.downgrade, configuration(service, database), revision)


async def furnished() -> frozenset[str]:
    """What is known of the server that all workers of a run begin with a copy of; the first who asks makes it."""
    return await once_awaited(FURNISHED, _furnish)


async def _furnish() -> frozenset[str]:
    async with serving(shared("server"), is_kept=True) as first:
        for service in SERVICES:
            await upgrade(service, await first.database(service, name=template_of(service)))
        return frozenset(first.known)


def begin() -> None:
    """Make it before anybody asks; whoever does so after a failure tries again, and learns of it."""
    with contextlib.suppress(Exception):
        asyncio.run(furnished())


def template_of(service: str) -> str:
    return f"template_{service}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres() -> AsyncIterator[PostgresForTests]:
    """The session's server."""
    directory, known = reachable_directory(), await furnished()
    try:
        await copy_owned(shared("server"), directory / "postgres")
        async with serving(directory / "postgres", known=known) as running:
            yield running
    finally:
        shutil.rmtree(directory)


@dataclass
class MigratedDatabases:
    """Makes databases at the head of a service's history: copies of those in which the migrations ran."""

    postgres: PostgresForTests

    async def database(self, service: str) -> DatabaseAddress:
        return await self.postgres.database(service, template=template_of(service))


@pytest.fixture(scope="session")
def migrated(postgres: PostgresForTests) -> MigratedDatabases:
    """`await migrated.database("roadmap")` is a fresh database with the whole schema."""
    return MigratedDatabases(postgres)
