"""Databases with a service's whole schema: migrated once for a session, then copied."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest_asyncio
from alembic import command
from alembic.config import Config

from tests.postgres import DatabaseAddress, PostgresForTests

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


@dataclass
class MigratedDatabases:
    """Makes databases at the head of a service's history; only the first of each service runs the migrations."""

    postgres: PostgresForTests
    _templates: dict[str, DatabaseAddress] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def database(self, service: str) -> DatabaseAddress:
        async with self._turn:
            if service not in self._templates:
                template = await self.postgres.database(service)
                await upgrade(service, template)
                self._templates[service] = template
            return await self.postgres.database(service, template=self._templates[service].name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated(postgres: PostgresForTests) -> MigratedDatabases:
    """`await migrated.database("roadmap")` is a fresh database with the whole schema."""
    return MigratedDatabases(postgres)
