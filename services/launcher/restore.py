"""`fullcircle restore`: everything as it was, beside the old databases first, and then in their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from services.launcher.addresses import DatabaseUrls
from services.launcher.archive import dump_name, unpacked
from services.launcher.backup import run_tool
from services.launcher.bootstrap import SERVICES, create_database, create_extensions
from services.launcher.databases import Databases, open_databases
from services.launcher.errors import LauncherError
from services.launcher.home import Home
from services.launcher.secrets import SECRET_NAMES, is_given, write_secret

RENEW = "UPDATE feed_head SET feed_id = gen_random_uuid() RETURNING (SELECT feed_id FROM feed_head), feed_id"
COPIES_OF_FEED_IDS = """
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'feed_id' AND table_name <> 'feed_head'
"""
IS_MIGRATED = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = 'alembic_version')"


class WouldReplace(LauncherError):
    """There is data where the backup should go."""


class StillRunning(LauncherError):
    """Somebody is connected to what is to be replaced."""


class SuperuserNeeded(LauncherError):
    """On a PostgreSQL of your own, somebody must be allowed to make databases."""


@dataclass(frozen=True)
class Place:
    """One database, and the name it is restored under before it takes its place."""

    service: str
    name: str
    owner: str
    app: str
    urls: DatabaseUrls

    @property
    def draft(self) -> str:
        return f"{self.name}_restoring"

    @property
    def former(self) -> str:
        return f"{self.name}_before_restore"

    def draft_url(self) -> str:
        """The draft, as its owner."""
        return urlsplit(self.urls.migration)._replace(path=f"/{self.draft}").geturl()


async def restore(home: Home, source: Path, *, may_replace: bool = False) -> None:
    """Bring back a backup into a stack that is stopped; a restore that was interrupted is simply run again.

    The feeds become new feeds, so that a reader from outside that is ahead of what came back is told to begin anew; the
    four databases are of one moment, so their own readers go on where they stood, and neither lose nor repeat an event.
    """
    with unpacked(source) as (directory, _):
        async with open_databases(home, is_alone=True) as databases:
            if databases.superuser_url is None:
                raise SuperuserNeeded("Set FULLCIRCLE_SUPERUSER_URL: restoring makes databases")
            places = [_place(service, databases) for service in SERVICES]
            if not may_replace:
                await _require_empty(places)
            superuser = await asyncpg.connect(databases.superuser_url)
            try:
                for place in places:
                    await _restore_draft(superuser, databases.superuser_url, place, directory)
                await renew_feeds({place.service: place.draft_url() for place in places})
                await _swap(superuser, places)
            finally:
                await superuser.close()
        for name in SECRET_NAMES:
            if not is_given(name) and (directory / "secrets" / name).exists():
                home.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_secret(home.secrets / name, (directory / "secrets" / name).read_text())


async def renew_feeds(owner_urls: Mapping[str, str]) -> None:
    """Give every feed a new identity, and tell it to the readers among these databases."""
    connections = {service: await asyncpg.connect(url) for service, url in owner_urls.items()}
    try:
        for source in connections.values():
            former, renewed = await source.fetchrow(RENEW)
            for reader in connections.values():
                for row in await reader.fetch(COPIES_OF_FEED_IDS):
                    statement = f'UPDATE "{row["table_name"]}" SET feed_id = $2 WHERE feed_id = $1'  # noqa: S608 a name from the catalogue
                    await reader.execute(statement, former, renewed)
    finally:
        for connection in connections.values():
            await connection.close()


async def _require_empty(places: list[Place]) -> None:
    for place in places:
        connection = await asyncpg.connect(place.urls.migration)
        try:
            if await connection.fetchval(IS_MIGRATED):
                raise WouldReplace(f"The database {place.name} has data. Add --replace to put the backup in its place.")
        finally:
            await connection.close()


async def _restore_draft(superuser: asyncpg.Connection, superuser_url: str, place: Place, directory: Path) -> None:
    await superuser.execute(f'DROP DATABASE IF EXISTS "{place.draft}" WITH (FORCE)')
    await create_database(superuser, place.draft, owner=place.owner, app=place.app)
    await create_extensions(superuser_url, place.draft)
    options = ["--no-owner", "--exit-on-error", "--single-transaction", str(directory / dump_name(place.service))]
    await run_tool("pg_restore", options, url=place.draft_url())


async def _swap(superuser: asyncpg.Connection, places: list[Place]) -> None:
    """Renaming is quick and is done for all four before anything old is dropped."""
    for place in places:
        await superuser.execute(f'DROP DATABASE IF EXISTS "{place.former}" WITH (FORCE)')
        try:
            await superuser.execute(f'ALTER DATABASE "{place.name}" RENAME TO "{place.former}"')
        except asyncpg.ObjectInUseError as error:
            raise StillRunning(f"Stop the services first: {place.name} is in use") from error
        await superuser.execute(f'ALTER DATABASE "{place.draft}" RENAME TO "{place.name}"')
    for place in places:
        await superuser.execute(f'DROP DATABASE "{place.former}"')


def _place(service: str, databases: Databases) -> Place:
    urls = databases.urls[service]
    migration, application = urlsplit(urls.migration), urlsplit(urls.application)
    return Place(
        service=service,
        name=migration.path.removeprefix("/"),
        owner=migration.username or "",
        app=application.username or "",
        urls=urls,
    )
