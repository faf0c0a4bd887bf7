"""`fullcircle backup`: the four databases at one moment of their feeds, and the secrets, while everything runs."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from services.launcher.addresses import DatabaseUrls
from services.launcher.archive import dump_name, pack
from services.launcher.databases import open_databases
from services.launcher.errors import LauncherError
from services.launcher.home import Home
from services.launcher.postgres import installed_binaries
from services.launcher.secrets import SECRET_NAMES

LOCK_TIMEOUT = "30s"


class NothingThere(LauncherError):
    """A database was never migrated."""


class ToolFailed(LauncherError):
    """One of PostgreSQL's programs gave up."""


async def back_up(home: Home, target: Path) -> Path:
    """Write a backup to `target`, a file or a directory; answers the file."""
    taken_at = datetime.now(UTC)
    target = _file_for(target, taken_at)
    with tempfile.TemporaryDirectory(prefix=".fullcircle-backup-", dir=target.absolute().parent) as name:
        directory = Path(name)
        async with open_databases(home) as databases, one_moment(databases.urls) as snapshots:
            for service, snapshot in snapshots.items():
                await _dump(databases.urls[service].migration, snapshot, directory / dump_name(service))
        _copy_secrets(home, directory / "secrets")
        await asyncio.to_thread(pack, directory, target, taken_at=taken_at.isoformat())
    return target


def _file_for(target: Path, taken_at: datetime) -> Path:
    return target / f"fullcircle-{taken_at:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target


@asynccontextmanager
async def one_moment(urls: Mapping[str, DatabaseUrls]) -> AsyncIterator[Mapping[str, str]]:
    """An exported snapshot of each database, such that no reader of a feed is ahead of the feed it reads.

    While all four feed heads are locked no event gets its position, so whatever a neighbour has applied by then is in
    its source already. The locks are held for the time of eight statements, not for the time of the dump.
    """
    async with AsyncExitStack() as until_dumped:
        readers = {service: await _connect(until_dumped, each.migration) for service, each in urls.items()}
        async with AsyncExitStack() as locked:
            for each in urls.values():
                holder = await _connect(locked, each.migration)
                await holder.execute(f"BEGIN; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                await _lock_feed(holder)
            snapshots = {service: await _export(reader) for service, reader in readers.items()}
        yield snapshots


async def _connect(stack: AsyncExitStack, url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url)
    stack.push_async_callback(connection.close)
    return connection


async def _lock_feed(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute("SELECT FROM feed_head FOR UPDATE")
    except asyncpg.UndefinedTableError as error:
        raise NothingThere("The databases are empty: there is nothing to back up") from error


async def _export(connection: asyncpg.Connection) -> str:
    # Nobody times out the snapshot while its dump runs.
    await connection.execute("SET idle_in_transaction_session_timeout = 0")
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    return str(await connection.fetchval("SELECT pg_export_snapshot()"))


async def _dump(url: str, snapshot: str, target: Path) -> None:
    """As the owner, who sees every workspace; extensions are the superuser's and made again by the bootstrap."""
    options = ["--format=custom", "--no-owner", "--exclude-extension=*", f"--snapshot={snapshot}", f"--file={target}"]
    await run_tool("pg_dump", options, url=url)


async def run_tool(name: str, options: Sequence[str], *, url: str) -> None:
    """Run one of PostgreSQL's programs against a database, its password out of sight of `ps`."""
    parts = urlsplit(url)
    address = parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port or 5432}").geturl()
    process = await asyncio.create_subprocess_exec(
        installed_binaries() / name,
        *options,
        f"--dbname={address}",
        env={"PATH": os.defpath, "PGPASSWORD": unquote(parts.password or "")},
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await process.communicate()
    if process.returncode != 0:
        raise ToolFailed(f"{name} failed on {parts.path.removeprefix('/')}: {complaints.decode(errors='replace')}")


def _copy_secrets(home: Home, directory: Path) -> None:
    directory.mkdir(mode=0o700)
    for name in SECRET_NAMES:
        if (home.secrets / name).exists():
            shutil.copy2(home.secrets / name, directory / name)
