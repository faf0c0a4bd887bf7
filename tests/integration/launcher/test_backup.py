import asyncio
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from services.launcher.addresses import DatabaseUrls
from services.launcher.archive import ArchiveUnusable, pack, unpacked
from services.launcher.backup import back_up, one_moment
from services.launcher.bootstrap import SERVICES
from services.launcher.home import Home
from services.launcher.restore import StillRunning, WouldReplace, restore
from tests.postgres import DatabaseAddress, PostgresForTests

# As the first migration of each service makes them: a feed, its readers, a table that only the owner sees whole.
SCHEMA = """
    CREATE TABLE alembic_version (version_num text);
    CREATE TABLE feed_head (id smallint PRIMARY KEY DEFAULT 1, feed_id uuid NOT NULL DEFAULT gen_random_uuid(),
        position bigint NOT NULL DEFAULT 0);
    INSERT INTO feed_head DEFAULT VALUES;
    CREATE TABLE cursor (name text PRIMARY KEY, feed_id uuid, position bigint NOT NULL DEFAULT 0);
    CREATE TABLE feedback (workspace_id uuid, text text, embedding vector(3));
    ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
    CREATE POLICY workspace_isolation ON feedback
        USING (workspace_id = NULLIF(current_setting('app.workspace_id', true), '')::uuid);
    GRANT SELECT ON feedback TO fullcircle_{service}_app;
    INSERT INTO feedback VALUES (gen_random_uuid(), 'Export takes forever', '[1,2,3]');
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def databases(
    postgres: PostgresForTests, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, DatabaseAddress]]:
    """Four databases with feeds, named in the environment as those of one's own PostgreSQL are."""
    made = {service: await postgres.database(service) for service in SERVICES}
    for service, database in made.items():
        async with connected(database.owner_url) as owner:
            await owner.execute(SCHEMA.format(service=service))
        prefix = f"FULLCIRCLE_{service.upper()}"
        monkeypatch.setenv(f"{prefix}_DATABASE_URL", database.app_url)
        monkeypatch.setenv(f"{prefix}_MIGRATION_URL", database.owner_url)
    monkeypatch.setenv("FULLCIRCLE_SUPERUSER_URL", postgres.server.url())
    yield made
    for database in made.values():
        await postgres.drop(database)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.take()
    home.secrets.mkdir()
    (home.secrets / "cursor_key").write_text("the key of then")
    yield home
    home.release()


async def feed_id(database: DatabaseAddress) -> UUID:
    async with connected(database.owner_url) as owner:
        identity: UUID = await owner.fetchval("SELECT feed_id FROM feed_head")
        return identity


async def test_a_restore_brings_back_data_secrets_and_readers_but_as_new_feeds(
    databases: dict[str, DatabaseAddress], home: Home, tmp_path: Path
) -> None:
    before = await feed_id(databases["roadmap"])
    async with connected(databases["metrics"].owner_url) as metrics:
        await metrics.execute("INSERT INTO cursor VALUES ('from roadmap', $1, 41)", before)
    archive = await back_up(home, tmp_path)
    assert archive.stat().st_mode & 0o777 == 0o600
    (home.secrets / "cursor_key").write_text("the key of now")
    async with connected(databases["metrics"].owner_url) as metrics:
        await metrics.execute("UPDATE cursor SET position = 99; DELETE FROM feedback")

    await restore(home, archive, may_replace=True)

    renewed = await feed_id(databases["roadmap"])
    assert renewed != before
    assert (home.secrets / "cursor_key").read_text() == "the key of then"
    async with connected(databases["metrics"].owner_url) as metrics:
        assert tuple(await metrics.fetchrow("SELECT feed_id, position FROM cursor")) == (renewed, 41)
        assert await metrics.fetchval("SELECT text FROM feedback") == "Export takes forever"
    async with connected(databases["metrics"].app_url) as application:
        assert await application.fetch("SELECT FROM feedback") == []
        await application.execute("CREATE TEMPORARY TABLE staging ()")


async def test_data_is_replaced_only_when_asked_to_and_only_when_nobody_uses_it(
    databases: dict[str, DatabaseAddress], home: Home, tmp_path: Path
) -> None:
    archive = await back_up(home, tmp_path / "everything.tar")
    with pytest.raises(WouldReplace, match="--replace"):
        await restore(home, archive)
    async with connected(databases["requirements"].app_url) as application:
        with pytest.raises(StillRunning, match="Stop the services"):
            await restore(home, archive, may_replace=True)
        assert await application.fetchval("SELECT 1") == 1
    await restore(home, archive, may_replace=True)


async def test_no_event_gets_its_position_while_the_moment_is_taken(databases: dict[str, DatabaseAddress]) -> None:
    """Numbering waits, so that a snapshot of a reader is never ahead of the snapshot of what it reads."""
    urls = {name: DatabaseUrls(each.app_url, each.owner_url, each.app_url) for name, each in databases.items()}
    number = "UPDATE feed_head SET position = position + 1"
    async with connected(databases["gateway"].owner_url) as late, connected(databases["roadmap"].owner_url) as early:
        await late.execute("BEGIN; SELECT FROM feed_head FOR UPDATE")  # holds the last lock, so the moment must wait
        moment = asyncio.ensure_future(_positions(urls))
        waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
        while not await late.fetchval(waiting):
            await asyncio.sleep(0)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await early.execute(f"SET lock_timeout = '50ms'; {number}")
        await late.execute(f"{number}; COMMIT")
        assert await moment == {"requirements": 0, "roadmap": 0, "metrics": 0, "gateway": 1}
        await early.execute(number)


async def _positions(urls: dict[str, DatabaseUrls]) -> dict[str, int]:
    found = {}
    async with one_moment(urls) as snapshots:
        for service, snapshot in snapshots.items():
            async with connected(urls[service].migration) as reader:
                await reader.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '{snapshot}'")
                found[service] = await reader.fetchval("SELECT position FROM feed_head")
    return found


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    contents = tmp_path / "contents"
    contents.mkdir()
    for service in SERVICES:
        (contents / f"{service}.dump").write_text(service)
    archive = tmp_path / "backup.tar"
    pack(contents, archive, taken_at="2026-01-01T00:00:00Z")
    with unpacked(archive) as (directory, manifest):
        assert (directory / "metrics.dump").read_text() == "metrics"
        assert manifest.format == 1
    archive.write_bytes(archive.read_bytes().replace(b"metrics\0", b"METRICS\0"))
    with pytest.raises(ArchiveUnusable), unpacked(archive):
        pass


@pytest.mark.parametrize("content", [b"", b"not a tar file"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ArchiveUnusable, match="is no backup"), unpacked(tmp_path / "file"):
        pass


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("/outside", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("pipe", tarfile.FIFOTYPE),
    ],
)
def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/outside"
    with tarfile.open(tmp_path / "backup.tar", "w") as archive:
        archive.addfile(member)
    with pytest.raises(ArchiveUnusable, match=f"{name} is no file of a backup"), unpacked(tmp_path / "backup.tar"):
        pass


def test_an_archive_that_lacks_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "contents").mkdir()
    pack(tmp_path / "contents", tmp_path / "backup.tar", taken_at="2026-01-01T00:00:00Z")
    assert tarfile.is_tarfile(tmp_path / "backup.tar")
    with pytest.raises(ArchiveUnusable, match=r"requirements\.dump"), unpacked(tmp_path / "backup.tar"):
        pass
