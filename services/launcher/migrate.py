"""Brings databases to the newest schema, through Alembic."""

import asyncio
from collections.abc import Mapping, Sequence

import asyncpg
from alembic import command
from alembic.config import Config

from services.launcher.addresses import DatabaseUrls
from services.launcher.bootstrap import ENCODING, MAKE_AGAIN
from services.launcher.databases import open_databases
from services.launcher.errors import LauncherError
from services.launcher.home import Home
from services.launcher.secrets import ensure_secrets
from services.launcher.version import ROOT


class EncodingRefused(LauncherError):
    """A database that keeps bytes where we keep texts: drivers answer bytes, and letters have no case there."""


def migrate(services: Sequence[str], *, home: Home, revision: str = "head") -> None:
    """Upgrade each service's database; safe to repeat, and beside another migration (it waits for its turn).

    Makes the secrets too where there are none: where containers share a home, this runs before all of them. Raises
    EncodingRefused, before anything is migrated.
    """
    ensure_secrets(home.secrets)
    asyncio.run(_migrate(services, home=home, revision=revision))


async def _migrate(services: Sequence[str], *, home: Home, revision: str) -> None:
    async with open_databases(home, services=services) as databases:
        for service in services:
            await _require_utf8(service, databases.urls[service].migration)
        await asyncio.to_thread(_upgrade, services, databases.urls, revision)


async def _require_utf8(service: str, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        encoding = await connection.fetchval("SHOW server_encoding")
    finally:
        await connection.close()
    if encoding != ENCODING:
        raise EncodingRefused(f"The database of {service} keeps texts as {encoding}. {MAKE_AGAIN}.")


def _upgrade(services: Sequence[str], urls: Mapping[str, DatabaseUrls], revision: str) -> None:
    for service in services:
        configuration = Config(ROOT / "alembic.ini", ini_section=service)
        configuration.attributes["url"] = urls[service].migration
        command.upgrade(configuration, revision)
