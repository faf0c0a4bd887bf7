"""Consumers in a running application: followed over a real connection, looked at and replayed by an administrator."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from services.chassis.app import build_app
from services.chassis.clock import FixedClock
from services.chassis.context import ServiceContext
from services.chassis.feed import FeedPage, FeedQuery
from services.chassis.feed_routes import feed_router
from services.chassis.following import Follow, Following
from services.chassis.identity import TokenSigner, system_principal
from services.chassis.upkeep import purge
from services.chassis.wakeup import Wakeup
from tests.integration.chassis.house import WORKSPACE, House, events_of, migrated, open_house
from tests.integration.chassis.reader import Reader, new_reader, reader_database
from tests.integration.chassis.serving import served
from tests.integration.chassis.toy import SEED
from tests.postgres import PostgresForTests


@pytest_asyncio.fixture
async def house(postgres: PostgresForTests) -> AsyncIterator[House]:
    address = await migrated(postgres)
    async with open_house(address) as opened:
        yield opened
    await postgres.drop(address)


@pytest_asyncio.fixture
async def reader(postgres: PostgresForTests) -> AsyncIterator[Reader]:
    address = await reader_database(postgres)
    yield await new_reader(address)
    await postgres.drop(address)


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_a_service_follows_its_neighbour_and_an_administrator_replays(house: House, reader: Reader) -> None:
    source_context = (await new_reader(house.address, name="roadmap")).context
    source = build_app(source_context, title="T", description="T.", routers=[feed_router(house.feed, house.snapshots)])
    following = Following(Follow(source="roadmap", handlers=reader.handlers))
    async with served(source) as source_url:
        reader.context.settings.roadmap_url = source_url
        reader.stumble_on = {13}
        app = build_app(
            reader.context, title="T", description="T.", routers=[following.router()], background=[following]
        )
        async with served(app) as url:
            fine, bad = await house.keep(1), await house.keep(13)
            await until(lambda: _has(reader, {fine: (1, 1)}))

            token = TokenSigner(SEED, issuer="tests").sign(system_principal("tests"), audience="reader")
            async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as admin:
                path = "/internal/consumers/roadmap/parked-events"
                line = (await admin.get(path)).json()
                assert [(each["subject_id"], each["error"]) for each in line] == [(str(bad), "LookupError: 13 stars")]
                reader.stumble_on = set()
                assert (await admin.post(f"{path}/{bad}/replay")).json() == {"applied": 1}
                assert (await admin.get(path)).json() == []
                assert (await admin.get("/internal/consumers/nobody/parked-events")).status_code == 404
            assert await reader.copies(WORKSPACE) == {fine: (1, 1), bad: (1, 13)}


async def _has(reader: Reader, expected: Any) -> bool:
    return await reader.copies(WORKSPACE) == expected


async def test_what_nobody_told_of_is_told_by_upkeep(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its author died between the commit and the word; a reader that only listens has it all the same."""
    monkeypatch.setattr("services.chassis.upkeep.LOOK_S", 0.05)
    context = (await new_reader(house.address, name="toy")).context
    app = build_app(context, title="T", description="T.", routers=[])
    async with app.router.lifespan_context(app):
        await until(partial(_leads, context))
        looked, page_of = asyncio.Event(), context.feed.page

        async def page(query: FeedQuery) -> FeedPage:
            found = await page_of(query)
            looked.set()
            return found

        monkeypatch.setattr(context.feed, "page", page)
        reading = asyncio.create_task(context.feed.read(FeedQuery(), wait_s=60))
        await looked.wait()
        mute = House(house.address, house.database, Wakeup(house.address.app_url), house.feed)
        subject_id = await mute.happen()
        async with asyncio.timeout(20):
            told = await reading
    assert [event.subject for event in events_of(told)] == [subject_id]


async def _leads(context: ServiceContext) -> bool:
    return context.wakeup.is_connected and await context.wakeup.lead("upkeep")


async def test_upkeep_numbers_what_nobody_reads_and_forgets_what_is_old(house: House) -> None:
    context = (await new_reader(house.address, name="toy")).context
    app = build_app(context, title="T", description="T.", routers=[])
    async with app.router.lifespan_context(app):
        await house.happen()

        async def is_numbered() -> bool:
            async with house.database.engine.connect() as connection:
                return bool(await connection.scalar(text("SELECT position FROM feed_head")))

        await until(is_numbered)
    context = (await new_reader(house.address, name="toy")).context
    context.clock = context.database.clock = FixedClock(datetime.now(UTC) + timedelta(days=31))
    assert await purge(context) == {"event": 1, "idempotency_record": 0, "operation": 0}
    await context.database.close()
