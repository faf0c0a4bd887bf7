"""What the feed and its readers survive: connections killed at any moment, and a database set back by a restore."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest_asyncio

from services.chassis.feed_sources import LocalSource
from services.launcher.backup import run_tool
from tests.integration.chassis.house import WORKSPACE, House, migrated, open_house
from tests.integration.chassis.reader import Reader, new_reader, reader_database
from tests.postgres import DatabaseAddress, PostgresForTests


@pytest_asyncio.fixture
async def house(postgres: PostgresForTests) -> AsyncIterator[House]:
    address = await migrated(postgres)
    async with open_house(address) as opened:
        yield opened
    await postgres.drop(address)


@pytest_asyncio.fixture
async def reader(postgres: PostgresForTests) -> AsyncIterator[Reader]:
    address = await reader_database(postgres)
    made = await new_reader(address)
    async with made.context.wakeup:
        yield made
    await made.context.database.close()
    await postgres.drop(address)


async def test_every_effect_once_and_in_order_while_connections_are_killed(house: House, reader: Reader) -> None:
    notes = [uuid4() for _ in range(5)]
    consumer = reader.consumer(LocalSource(house.feed, house.snapshots), page_size=3)
    running = asyncio.create_task(consumer.run())
    async with asyncio.timeout(60):
        for turn in range(12):
            for note in notes:
                await house.keep(turn + 100, note_id=note)
            while len(await reader.effects(WORKSPACE)) < turn * len(notes):
                await asyncio.sleep(0.005)
            for address in (house.address.superuser_url, reader.context.settings.migration_url):
                await kill_everyone(address)
        while len(await reader.effects(WORKSPACE)) < 12 * len(notes):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    effects = await reader.effects(WORKSPACE)
    for note in notes:
        assert [version for each, version in effects if each == note] == list(range(1, 13))


async def test_a_consistent_restore_loses_and_doubles_nothing(
    house: House, reader: Reader, postgres: PostgresForTests, tmp_path: Path
) -> None:
    notes = [await house.keep(stars) for stars in range(4)]
    await reader.consumer(LocalSource(house.feed), page_size=2).step()
    unread = await house.keep(9)  # committed, and without its position yet
    async with house.database.session(workspace_id=WORKSPACE) as unfinished:
        await house.log(unfinished).append("note.created", subject_type="note", subject_id=uuid4(), version=1)
        restored = await restore(house.address, postgres, tmp_path)
    async with open_house(restored) as again:
        note = await again.keep(10)
        await reader.consumer(LocalSource(again.feed)).catch_up()
    assert [each for each, _ in await reader.effects(WORKSPACE)] == [*notes, unread, note]
    await postgres.drop(restored)


async def test_a_reader_ahead_of_a_restored_feed_comes_back_to_its_truth(
    house: House, reader: Reader, postgres: PostgresForTests, tmp_path: Path
) -> None:
    stays, undone = await house.keep(1), await house.keep(2)
    restored = await restore(house.address, postgres, tmp_path)
    await house.keep(20, note_id=undone)
    await house.keep(3)
    await reader.consumer(LocalSource(house.feed)).catch_up()
    async with open_house(restored) as again:
        await again.feed.renew()
        new = [await again.keep(stars) for stars in (4, 5, 6)]
        await reader.consumer(LocalSource(again.feed, again.snapshots)).catch_up()
    truth = {note: (1, stars) for note, stars in zip([stays, undone, *new], [1, 2, 4, 5, 6], strict=True)}
    assert await reader.copies(WORKSPACE) == truth
    await postgres.drop(restored)


async def restore(address: DatabaseAddress, postgres: PostgresForTests, directory: Path) -> DatabaseAddress:
    """A second database with what the first one holds now."""
    dump = directory / "dump"
    await run_tool("pg_dump", ["--format=custom", "--exclude-extension=*", f"--file={dump}"], url=address.superuser_url)
    copy = await postgres.database("requirements")
    await run_tool("pg_restore", ["--exit-on-error", str(dump)], url=copy.superuser_url)
    return copy


async def kill_everyone(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
