"""The consumer: exactly once and in order, parked and replayed, from the snapshot, over HTTP and at home."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from services.chassis.app import build_app
from services.chassis.consumer import Consumer
from services.chassis.events import Event
from services.chassis.feed import FeedQuery
from services.chassis.feed_handlers import Handler
from services.chassis.feed_routes import feed_router
from services.chassis.feed_sources import HttpSource, LocalSource
from services.chassis.http_client import NeighbourDown
from services.chassis.identity import TokenSigner
from services.chassis.parked import list_parked
from services.chassis.unit_of_work import UnitOfWork
from tests.integration.chassis.house import WORKSPACE, House, migrated, open_house
from tests.integration.chassis.reader import NoteState, Reader, new_reader, note_copy, reader_database
from tests.integration.chassis.toy import SEED
from tests.postgres import PostgresForTests


@dataclass
class Pair:
    """A source with its feed, a reader with its copies, and a consumer between them without HTTP."""

    house: House
    reader: Reader

    def consumer(self, **options: Any) -> Consumer:
        return self.reader.consumer(LocalSource(self.house.feed, self.house.snapshots), **options)

    async def parked(self) -> list[tuple[UUID, int, str | None]]:
        async with self.reader.context.database.engine.connect() as connection:
            return [
                (each.event.subject, each.event.subject_version, each.error) for each in await list_parked(connection)
            ]


@pytest_asyncio.fixture
async def pair(postgres: PostgresForTests) -> AsyncIterator[Pair]:
    source, copies = await migrated(postgres), await reader_database(postgres)
    reader = await new_reader(copies)
    async with open_house(source) as house, reader.context.wakeup:
        yield Pair(house, reader)
    await reader.context.database.close()
    await postgres.drop(source)
    await postgres.drop(copies)


async def test_copies_follow_their_source_in_every_workspace(pair: Pair) -> None:
    other = uuid4()
    first, second = await pair.house.keep(1), await pair.house.keep(2, workspace_id=other)
    await pair.house.keep(3, note_id=first)
    gone = await pair.house.keep(4)
    await pair.house.drop(gone)
    await pair.consumer().catch_up()
    assert await pair.reader.copies(WORKSPACE) == {first: (2, 3)}
    assert await pair.reader.copies(other) == {second: (1, 2)}


async def test_an_effect_takes_place_once_however_often_a_consumer_starts(pair: Pair) -> None:
    notes = [await pair.house.keep(stars) for stars in range(10)]
    for _ in range(6):
        await pair.consumer(page_size=2).step()
    await pair.consumer().catch_up()
    assert await pair.reader.effects(WORKSPACE) == [(note, 1) for note in notes]


async def test_of_two_replicas_one_applies(pair: Pair) -> None:
    await pair.house.keep(1)
    one, other = pair.consumer(), pair.consumer()
    await one.cursor.place()
    results = await asyncio.gather(one.step(), other.step(), return_exceptions=True)
    assert sorted(map(repr, results)) == ["1", "CursorMoved('toy')"]
    assert len(await pair.reader.effects(WORKSPACE)) == 1


async def test_a_failure_in_the_middle_keeps_nothing_of_the_page(pair: Pair) -> None:
    await pair.house.keep(1)
    consumer = pair.consumer()
    await consumer.cursor.place()
    await break_copies(pair)
    with pytest.raises(NeighbourDown):
        await consumer.step()
    assert (await consumer.cursor.place()).position == 0


async def break_copies(pair: Pair) -> None:
    async def down(work: UnitOfWork, event: Event[NoteState]) -> None:
        await work.session.execute(
            note_copy.insert().values(workspace_id=event.workspace_id, note_id=event.subject, version=1, stars=1)
        )
        raise NeighbourDown

    pair.reader.handlers._handlers.clear()
    pair.reader.handlers.on("note.created", data=NoteState)(down)


async def test_an_event_that_cannot_be_applied_is_parked_and_its_followers_behind_it(pair: Pair) -> None:
    pair.reader.stumble_on = {13}
    fine, bad = await pair.house.keep(1), await pair.house.keep(2)
    await pair.house.keep(13, note_id=bad)
    await pair.house.keep(5, note_id=fine)
    await pair.house.keep(6, note_id=bad)
    await pair.consumer().catch_up()
    await pair.house.keep(7, note_id=bad)
    await pair.house.keep(8, note_id=fine)
    consumer = pair.consumer()
    await consumer.catch_up()
    assert await pair.reader.copies(WORKSPACE) == {fine: (3, 8), bad: (1, 2)}
    assert await pair.parked() == [(bad, 2, "LookupError: 13 stars"), (bad, 3, None), (bad, 4, None)]

    assert await consumer.replay(bad) == 0
    assert (await pair.parked())[0] == (bad, 2, "LookupError: 13 stars")
    pair.reader.stumble_on = set()
    assert await consumer.replay(bad) == 3
    assert await pair.parked() == []
    assert await pair.reader.copies(WORKSPACE) == {fine: (3, 8), bad: (4, 7)}
    versions = [version for note, version in await pair.reader.effects(WORKSPACE) if note == bad]
    assert versions == [1, 2, 3, 4]


async def test_data_of_another_shape_parks_only_its_own_subject(pair: Pair) -> None:
    odd = await pair.house.happen(stars="many")
    fine = await pair.house.keep(3)
    await pair.consumer().catch_up()
    assert list(await pair.reader.copies(WORKSPACE)) == [fine]
    assert [(subject, version) for subject, version, _ in await pair.parked()] == [(odd, 1)]


async def test_two_admins_replay_an_event_once(pair: Pair) -> None:
    pair.reader.stumble_on = {13}
    bad = await pair.house.keep(13)
    consumer = pair.consumer()
    await consumer.catch_up()
    pair.reader.stumble_on = set()
    assert sorted(await asyncio.gather(consumer.replay(bad), consumer.replay(bad))) == [0, 1]
    assert await pair.reader.effects(WORKSPACE) == [(bad, 1)]


async def test_a_reader_behind_the_feed_starts_from_the_snapshot(pair: Pair) -> None:
    stays, changes, goes = await pair.house.keep(1), await pair.house.keep(2), await pair.house.keep(3)
    await pair.consumer().catch_up()
    await pair.house.keep(20, note_id=changes)
    await pair.house.drop(goes)
    new = await pair.house.keep(4, workspace_id=UUID(int=2))
    await forget_events(pair.house)
    await pair.consumer().catch_up()
    assert await pair.reader.copies(WORKSPACE) == {stays: (1, 1), changes: (2, 20)}
    assert await pair.reader.copies(UUID(int=2)) == {new: (1, 4)}
    await pair.house.keep(21, note_id=changes)
    await pair.consumer().catch_up()
    assert (await pair.reader.copies(WORKSPACE))[changes] == (3, 21)


async def test_a_new_reader_of_an_old_feed_starts_from_the_snapshot(pair: Pair) -> None:
    notes = {await pair.house.keep(stars): (1, stars) for stars in range(7)}
    await forget_events(pair.house)
    await pair.consumer().catch_up()
    assert await pair.reader.copies(WORKSPACE) == notes


async def test_another_feed_under_the_same_address_heals_by_the_snapshot(pair: Pair) -> None:
    note = await pair.house.keep(1)
    await pair.consumer().catch_up()
    await pair.house.feed.renew()
    await pair.house.keep(2, note_id=note)
    await pair.consumer().catch_up()
    assert await pair.reader.copies(WORKSPACE) == {note: (2, 2)}
    assert [version for _, version in await pair.reader.effects(WORKSPACE)] == [1, 2]


async def test_what_changes_during_a_snapshot_is_harmless(pair: Pair) -> None:
    notes = [await pair.house.keep(stars) for stars in range(5)]
    await forget_events(pair.house)
    source = ChangingSource(pair.house, notes[4])
    await pair.reader.consumer(source).catch_up()
    assert (await pair.reader.copies(WORKSPACE))[notes[4]] == (2, 99)
    assert source.late in await pair.reader.copies(WORKSPACE)


class ChangingSource(LocalSource):
    """Two notes a page; others write between the pages."""

    def __init__(self, house: House, note: UUID) -> None:
        super().__init__(house.feed, house.snapshots)
        self.house, self.note, self.late = house, note, UUID(int=0)

    async def snapshot(self, *, cursor: str | None, types: Sequence[str]) -> Any:
        if cursor is not None and not self.late.int:
            await self.house.keep(99, note_id=self.note)
            self.late = await self.house.keep(50, note_id=UUID(int=1))
        page = await self.house.snapshots.page(cursor=cursor, types=types, limit=2)
        self._snapshots = OnePage(page)
        return await super().snapshot(cursor=cursor, types=types)


class OnePage:
    def __init__(self, page: Any) -> None:
        self._page = page

    async def page(self, **_ignored: Any) -> Any:
        return self._page


async def test_work_on_single_events_starts_at_the_oldest_instead(pair: Pair) -> None:
    await pair.house.keep(1)
    await forget_events(pair.house)
    kept = await pair.house.keep(2)
    await pair.consumer(on_gone="oldest").catch_up()
    assert list(await pair.reader.copies(WORKSPACE)) == [kept]


async def test_preparation_happens_in_batches_outside_the_transaction(pair: Pair) -> None:
    pair.reader.handlers._handlers.clear()
    embed = Embed(pair.reader)
    pair.reader.handlers.add(embed)
    notes = [await pair.house.keep(stars) for stars in range(6)]
    await pair.consumer().catch_up()
    assert embed.batches == [[0, 1, 2, 3, 4, 5]]
    assert await pair.reader.copies(WORKSPACE) == {note: (1, stars * 10) for stars, note in enumerate(notes)}


class Embed(Handler[NoteState, dict[UUID, int]]):
    types = ("note.created",)
    data = NoteState

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.batches: list[list[int]] = []

    async def prepare(self, events: Sequence[Event[NoteState]]) -> dict[UUID, int]:
        assert self.reader.context.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        self.batches.append([event.data.stars for event in events])
        return {event.subject: event.data.stars * 10 for event in events}

    async def apply(
        self, work: UnitOfWork, events: Sequence[Event[NoteState]], prepared: dict[UUID, int] | None
    ) -> None:
        assert prepared is not None
        rows = [
            {
                "workspace_id": event.workspace_id,
                "note_id": event.subject,
                "version": 1,
                "stars": prepared[event.subject],
            }
            for event in events
        ]
        await work.session.execute(note_copy.insert(), rows)


@pytest_asyncio.fixture
async def source_app(pair: Pair) -> FastAPI:
    context = (await new_reader(pair.house.address, name="toy")).context
    return build_app(
        context, title="Toy", description="A toy.", routers=[feed_router(pair.house.feed, pair.house.snapshots)]
    )


def over_http(app: FastAPI, pair: Pair) -> HttpSource:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://toy")
    return HttpSource("toy", "http://toy", signer=TokenSigner(SEED, issuer="reader"), reader="reader", http=http)


async def test_the_same_over_http(pair: Pair, source_app: FastAPI) -> None:
    source = over_http(source_app, pair)
    first = await pair.house.keep(1)
    await pair.reader.consumer(source).catch_up()
    await forget_events(pair.house)
    await pair.house.keep(2, note_id=first)
    second = await pair.house.keep(3)
    await forget_events(pair.house)
    await pair.reader.consumer(source).catch_up()
    assert await pair.reader.copies(WORKSPACE) == {first: (2, 2), second: (1, 3)}
    await source.close()


async def test_the_feed_is_not_for_strangers(pair: Pair, source_app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=source_app), base_url="http://toy") as stranger:
        for path in ("/internal/feed", "/internal/snapshot"):
            answer = await stranger.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    signer = TokenSigner(SEED, issuer="reader")
    wrong = HttpSource(
        "metrics",
        "http://toy",
        signer=signer,
        reader="reader",
        http=httpx.AsyncClient(transport=httpx.ASGITransport(app=source_app), base_url="http://toy"),
    )
    with pytest.raises(NeighbourDown, match="401"):
        await wrong.read(FeedQuery(), wait_s=0)
    await wrong.close()


async def test_the_loop_follows_and_survives_a_source_that_was_down(pair: Pair) -> None:
    source = Flaky(pair.house)
    running = asyncio.create_task(pair.reader.consumer(source).run())
    async with asyncio.timeout(20):
        note = await pair.house.keep(1)
        while source.failures < 2:
            await asyncio.sleep(0.01)
        source.is_down = False
        while not await pair.reader.copies(WORKSPACE):
            await asyncio.sleep(0.01)
        await pair.house.keep(2, note_id=note)
        while (await pair.reader.copies(WORKSPACE))[note] != (2, 2):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Flaky(LocalSource):
    is_down = True
    failures = 0

    def __init__(self, house: House) -> None:
        super().__init__(house.feed)

    async def read(self, query: FeedQuery, *, wait_s: float) -> Any:
        if self.is_down:
            self.failures += 1
            raise NeighbourDown
        return await super().read(query, wait_s=wait_s)


async def forget_events(house: House) -> None:
    """As if all events so far were older than what is kept."""
    await house.feed.head()
    async with house.database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM event"))
        await connection.execute(text("UPDATE feed_head SET oldest_position = position + 1"))
