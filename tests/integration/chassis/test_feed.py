"""The feed: positions after the commit, pages, waiting, and readers who cannot go on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.chassis.clock import FixedClock
from services.chassis.feed import Feed, FeedGone, FeedQuery
from services.chassis.wakeup import Wakeup
from tests.integration.chassis.house import ACTOR, WORKSPACE, House, events_of, migrated, open_house
from tests.postgres import PostgresForTests


@pytest_asyncio.fixture
async def house(postgres: PostgresForTests) -> AsyncIterator[House]:
    address = await migrated(postgres)
    async with open_house(address) as opened:
        yield opened
    await postgres.drop(address)


async def test_events_are_cloudevents_in_order_of_their_positions(house: House) -> None:
    subject = await house.happen(stars=3)
    await house.happen(subject, version=2, kind="note.updated", stars=4)
    first, second = events_of(await house.feed.page(FeedQuery()))
    assert (first.position, second.position) == (1, 2)
    assert (first.type, first.subject, first.subject_version, first.data) == ("note.created", subject, 1, {"stars": 3})
    assert (first.specversion, first.source, first.workspace_id) == ("1.0", "/toy", WORKSPACE)
    assert {"id": first.actor_id, "kind": first.actor_kind} == ACTOR


async def test_a_page_is_bounded_and_goes_on_from_its_position(house: House) -> None:
    for _ in range(5):
        await house.happen()
    page = await house.feed.page(FeedQuery(limit=2))
    assert [event.position for event in events_of(page)] == [1, 2]
    assert page.position == 2
    rest = await house.feed.page(FeedQuery(after=page.position, feed_id=page.feed_id))
    assert [event.position for event in events_of(rest)] == [3, 4, 5]


async def test_a_reader_of_some_types_passes_over_the_others(house: House) -> None:
    await house.happen()
    await house.happen(kind="note.liked")
    await house.happen()
    page = await house.feed.page(FeedQuery(types=("note.liked",)))
    assert [event.position for event in events_of(page)] == [2]
    assert page.position == 3
    assert (await house.feed.page(FeedQuery(after=3, types=("note.liked",)))).position == 3


async def test_an_event_rolled_back_leaves_no_gap(house: House) -> None:
    await house.happen()
    async with house.database.session(workspace_id=WORKSPACE) as session:
        await house.log(session).append("note.created", subject_type="note", subject_id=uuid4(), version=1)
        await session.rollback()
    await house.happen()
    assert [event.position for event in events_of(await house.feed.page(FeedQuery()))] == [1, 2]


async def test_a_late_commit_is_numbered_after_what_was_read(house: House) -> None:
    async with house.database.session(workspace_id=WORKSPACE) as slow:
        late = uuid4()
        await house.log(slow).append("note.created", subject_type="note", subject_id=late, version=1)
        early = await house.happen()
        page = await house.feed.page(FeedQuery())
        assert [event.subject for event in events_of(page)] == [early]
        await slow.commit()
    page = await house.feed.page(FeedQuery(after=page.position, feed_id=page.feed_id))
    assert [(event.subject, event.position) for event in events_of(page)] == [(late, 2)]


async def test_a_waiting_reader_wakes_on_a_commit_and_holds_no_pooled_connection(house: House) -> None:
    waiting = [asyncio.create_task(house.feed.read(FeedQuery(), wait_s=30)) for _ in range(40)]
    async with asyncio.timeout(10):
        while len(house.wakeup._subscriptions["feed"]) < 40 or house.database.engine.pool.checkedout():  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
        subject = await house.happen()
        pages = await asyncio.gather(*waiting)
    assert {events_of(page)[0].subject for page in pages} == {subject}


async def test_a_commit_in_another_process_wakes_too(house: House) -> None:
    async with Wakeup(house.address.app_url) as elsewhere:
        other = Feed(house.database, elsewhere, service="toy")
        async with asyncio.timeout(10):
            while not (elsewhere.is_connected and house.wakeup.is_connected):
                await asyncio.sleep(0.01)
            waiting = asyncio.create_task(other.read(FeedQuery(), wait_s=30))
            while not elsewhere._subscriptions["feed"]:
                await asyncio.sleep(0.01)
            subject = await house.happen()
            assert events_of(await waiting)[0].subject == subject


async def test_waiting_ends_when_the_time_is_over_or_the_process_stops(house: House) -> None:
    assert (await house.feed.read(FeedQuery(), wait_s=0.01)).documents == ()
    waiting = asyncio.create_task(house.feed.read(FeedQuery(), wait_s=30))
    async with asyncio.timeout(10):
        while not house.wakeup._subscriptions["feed"]:
            await asyncio.sleep(0.01)
        house.wakeup.release()
        assert (await waiting).documents == ()


async def test_who_waits_for_other_events_soon_hears_that_there_were_some(house: House) -> None:
    await house.happen()
    async with asyncio.timeout(10):
        page = await house.feed.read(FeedQuery(types=("note.liked",)), wait_s=30)
    assert (page.documents, page.position, page.head) == ((), 1, 1)


async def test_readers_that_cannot_go_on_are_told(house: House) -> None:
    await house.happen()
    page = await house.feed.page(FeedQuery())
    with pytest.raises(FeedGone, match="ahead"):
        await house.feed.page(FeedQuery(after=2, feed_id=page.feed_id))
    with pytest.raises(FeedGone, match="another feed"):
        await house.feed.page(FeedQuery(after=1, feed_id=uuid4()))
    await house.feed.renew()
    with pytest.raises(FeedGone, match="another feed"):
        await house.feed.page(FeedQuery(after=1, feed_id=page.feed_id))


async def test_old_events_are_purged_and_their_readers_told(postgres: PostgresForTests) -> None:
    address = await migrated(postgres)
    async with open_house(address) as house:
        clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
        house.database.clock = clock
        for _ in range(3):
            await house.happen()
        await house.feed.head()
        clock.advance(timedelta(days=20))
        await house.happen()
        page = await house.feed.page(FeedQuery())
        clock.advance(timedelta(days=15))
        assert await house.feed.purge(keep=timedelta(days=30)) == 3
        assert await house.feed.purge(keep=timedelta(days=30)) == 0
        with pytest.raises(FeedGone, match="no longer kept"):
            await house.feed.page(FeedQuery(after=2, feed_id=page.feed_id))
        left = await house.feed.page(FeedQuery(after=3, feed_id=page.feed_id))
        assert [event.position for event in events_of(left)] == [4]
    await postgres.drop(address)


async def test_a_purge_of_everything_keeps_the_head(postgres: PostgresForTests) -> None:
    address = await migrated(postgres)
    async with open_house(address) as house:
        clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
        house.database.clock = clock
        await house.happen()
        page = await house.feed.page(FeedQuery())
        clock.advance(timedelta(days=31))
        assert await house.feed.purge(keep=timedelta(days=30)) == 1
        await house.happen()
        following = await house.feed.page(FeedQuery(after=page.position, feed_id=page.feed_id))
        assert [event.position for event in events_of(following)] == [2]
    await postgres.drop(address)


async def test_only_one_process_leads_until_its_connection_dies(house: House) -> None:
    async with Wakeup(house.address.app_url) as other, asyncio.timeout(10):
        while not await house.wakeup.lead("sweep"):
            await asyncio.sleep(0.01)
        while not other.is_connected:
            await asyncio.sleep(0.01)
        assert not await other.lead("sweep")
        lost = house.wakeup._connection
        await kill_backend(house, application_name="fullcircle-wakeup", pid=lost.get_server_pid())
        while not await other.lead("sweep"):
            await asyncio.sleep(0.01)
        while house.wakeup._connection in {None, lost}:
            await asyncio.sleep(0.01)
        assert not await house.wakeup.lead("sweep")


async def test_a_lost_connection_is_made_again_and_waiters_look(house: House) -> None:
    async with asyncio.timeout(10):
        while not house.wakeup.is_connected:
            await asyncio.sleep(0.01)
        pid = house.wakeup._connection.get_server_pid()
        with house.wakeup.subscribe("feed") as subscription:
            await kill_backend(house, application_name="fullcircle-wakeup", pid=pid)
            assert await subscription.wait(10), "it is lost: from now on they look by the clock"
            assert await subscription.wait(10), "it is there again"
        assert house.wakeup._connection.get_server_pid() != pid


class OutOfStep:
    """A connection whose driver lost its step, as it does when the server dies in the middle of an answer."""

    def __init__(self, wakeup: Wakeup) -> None:
        self._wakeup = wakeup

    async def execute(self, *_: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    def terminate(self) -> None:
        self._wakeup._on_lost(self)


async def test_a_connection_that_is_out_of_step_is_replaced_and_words_are_heard_again(house: House) -> None:
    async with Wakeup(house.address.app_url) as other, asyncio.timeout(20):
        while not (house.wakeup.is_connected and other.is_connected):
            await asyncio.sleep(0.01)
        first, broken = house.wakeup._connection, OutOfStep(house.wakeup)
        house.wakeup._connection = broken
        house.wakeup.signal("feed")
        while house.wakeup._connection in {None, broken}:
            await asyncio.sleep(0.01)
        with other.subscribe("feed") as heard:
            house.wakeup.signal("feed")
            assert await heard.wait(10)
        await first.close()


async def kill_backend(house: House, *, application_name: str, pid: int) -> None:
    connection = await asyncpg.connect(house.address.superuser_url)
    try:
        killed = await connection.fetchval(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2",
            pid,
            application_name,
        )
        assert killed
    finally:
        await connection.close()
