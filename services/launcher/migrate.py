"""Brings databases to the newest schema, through Alembic."""

import asyncio
import os
from collections.abc import Mapping, Sequence

from alembic import command
from alembic.config import Config

from services.launcher.addresses import DatabaseUrls
from services.launcher.home import Home
from services.launcher.stack import running_databases
from services.launcher.version import ROOT


def migrate(services: Sequence[str], *, home: Home, revision: str = "head") -> None:
    """Upgrade each service's database; safe to repeat, and safe beside another migration (an advisory lock)."""
    asyncio.run(_migrate(services, home=home, revision=revision))


async def _migrate(services: Sequence[str], *, home: Home, revision: str) -> None:
    async with running_databases(home) as databases:
        await asyncio.to_thread(_upgrade, services, databases, revision)


def _upgrade(services: Sequence[str], databases: Mapping[str, DatabaseUrls], revision: str) -> None:
    for service in services:
        os.environ.update(databases[service].environment(service))
        configuration = Config(ROOT / "alembic.ini", ini_section=service)
        command.upgrade(configuration, revision)
