"""The stream: what comes next, without a gap, for as long as the key stands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.events.log.stream import MAX_STREAMS_OF_WORKSPACE, StreamSeats
from gateway.events.log.tickets import LIFETIME, StreamTickets
from services.chassis.clock import FixedClock
from services.chassis.cursors import CursorSigner
from services.chassis.errors import TooManyRequests, Unauthenticated
from services.chassis.identity import Principal
from tests.integration.gateway_events.conftest import House, Tenant

STREAM = "/v1/event-log/stream"


class Follower:
    """An open stream, read event by event as a browser would."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self._lines = answer.aiter_lines()

    async def event(self) -> dict[str, Any]:
        """The next event; raises StopAsyncIteration when the stream has ended."""
        data = ""
        async with asyncio.timeout(20):
            while True:
                field, _, value = (await anext(self._lines)).partition(": ")
                if field == "id":
                    self.last_id = value
                elif field == "data":
                    data = value
                elif not field and data:
                    read: dict[str, Any] = json.loads(data)
                    return read

    async def end(self) -> None:
        """Returns once the stream has ended."""
        with pytest.raises(StopAsyncIteration):
            await self.event()


@asynccontextmanager
async def following(http: httpx.AsyncClient, *, last: str | None = None, **query: Any) -> AsyncIterator[Follower]:
    headers = {"Last-Event-ID": last} if last else {}
    async with http.stream("GET", STREAM, params=query, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Follower(answer)


async def test_what_comes_next_is_told(house: House, tenant: Tenant) -> None:
    await house.roadmap.tell(tenant.id, "feature.created")
    await tenant.logged(1)
    async with following(tenant.http) as stream:
        subject = await house.roadmap.tell(tenant.id, "feature.updated")
        event = await stream.event()
    assert (event["type"], event["subject"], event["position"]) == ("feature.updated", str(subject), 2)


async def test_whoever_comes_back_has_missed_nothing(house: House, tenant: Tenant) -> None:
    """Cut after each few events, while others are written: the pieces together are the log."""
    writing = asyncio.create_task(_write(house, tenant.id, 60))
    seen, last = [], None
    while len(seen) < 60:
        where = {"last": last} if last else {"after": (await tenant.log(limit=1))["cursor"].replace("1-", "0-", 1)}
        async with following(tenant.http, **where) as stream:
            for _ in range(min(7, 60 - len(seen))):
                event = await stream.event()
                seen.append(event["position"])
            last = stream.last_id
    await writing
    assert seen == list(range(1, 61))


async def _write(house: House, workspace_id: UUID, count: int) -> None:
    for _ in range(count):
        await house.roadmap.tell(workspace_id, "feature.updated")


async def test_the_browsers_last_id_wins_over_the_address(house: House, tenant: Tenant) -> None:
    await house.roadmap.tell_many(tenant.id, "feature.created", 5)
    await tenant.logged(5)
    epoch = (await tenant.log())["cursor"].partition("-")[2]
    async with following(tenant.http, last=f"3-{epoch}", after=f"1-{epoch}") as stream:
        assert (await stream.event())["position"] == 4


async def test_a_filter_and_the_callers_scopes_hold_here_too(house: House, tenant: Tenant) -> None:
    key = await house.keys.create(
        "Narrow", role="viewer", scopes=["events:read", "roadmap:read"], workspace_id=tenant.id
    )
    async with following(tenant.client(key.key), type="*") as all_types, following(tenant.http, type="kpi.*") as kpis:
        await house.metrics.tell(tenant.id, "kpi.created")
        await tenant.logged(1)
        await house.roadmap.tell(tenant.id, "feature.created")
        assert (await all_types.event())["type"] == "feature.created"
        assert (await kpis.event())["type"] == "kpi.created"


async def test_a_filter_that_matches_nothing_still_learns_where_the_log_is(house: House, tenant: Tenant) -> None:
    async with following(tenant.http, type="outcome.*") as stream:
        await house.roadmap.tell(tenant.id, "feature.created")
        async with asyncio.timeout(20):
            async for line in stream.answer.aiter_lines():
                if line.startswith("id: 1-"):
                    break


async def test_the_stream_ends_with_its_key(house: House, tenant: Tenant) -> None:
    key = await house.keys.create("Short", role="viewer", workspace_id=tenant.id)
    async with following(tenant.client(key.key)) as stream:
        await house.roadmap.tell(tenant.id, "feature.created")
        await stream.event()
        revoked = await tenant.http.post(f"/v1/api-keys/{key.key_id}/revoke")
        assert revoked.status_code == 200
        async with asyncio.timeout(5):
            await stream.end()
    assert (await tenant.client(key.key).get(STREAM)).status_code == 401


async def test_a_place_that_is_gone_is_said_before_the_stream_begins(tenant: Tenant) -> None:
    answer = await tenant.http.get(STREAM, params={"after": "0-00000000"})
    assert (answer.status_code, answer.json()["code"]) == (410, "event_log_gone")


async def test_a_browser_opens_it_with_a_ticket(house: House, tenant: Tenant) -> None:
    origin = "https://app.example.com"
    await tenant.http.patch("/v1/workspace", json={"allowed_origins": [origin]}, headers={"If-Match": "*"})
    made = await tenant.http.post("/v1/stream-tickets")
    assert made.status_code == 200, made.text
    async with httpx.AsyncClient(base_url=house.url, headers={"Origin": origin}) as browser:
        async with following(browser, ticket=made.json()["ticket"], type="feature.*") as stream:
            assert stream.answer.headers["access-control-allow-origin"] == origin
            await house.roadmap.tell(tenant.id, "feature.created")
            assert (await stream.event())["type"] == "feature.created"
        refused = await browser.get(STREAM, params={"ticket": made.json()["ticket"][:-4] + "AAAA"})
        assert refused.status_code == 401
        elsewhere = await browser.get("/v1/event-log", params={"ticket": made.json()["ticket"]})
        assert elsewhere.status_code == 401, "a ticket opens the stream and nothing else"


async def test_a_ticket_of_a_revoked_key_opens_nothing(house: House, tenant: Tenant) -> None:
    key = await house.keys.create("Short", role="viewer", workspace_id=tenant.id)
    ticket = (await tenant.client(key.key).post("/v1/stream-tickets")).json()["ticket"]
    await tenant.http.post(f"/v1/api-keys/{key.key_id}/revoke")
    async with httpx.AsyncClient(base_url=house.url) as browser:
        assert (await browser.get(STREAM, params={"ticket": ticket})).status_code == 401


def test_a_ticket_lives_for_a_minute() -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    tickets = StreamTickets(CursorSigner(b"k" * 32), clock)
    me = Principal(f"key:{uuid4()}", "key", uuid4(), "viewer", frozenset({"events:read"}))
    ticket, expires_at = tickets.issue(me, workspace_kind="live", origins=[])
    clock.advance(LIFETIME - timedelta(seconds=1))
    assert tickets.redeem(ticket).principal == me
    clock.advance(timedelta(seconds=1))
    assert clock.now() == expires_at
    with pytest.raises(Unauthenticated):
        tickets.redeem(ticket)


def test_a_workspace_cannot_take_every_seat() -> None:
    seats, workspace = StreamSeats(), uuid4()
    held = [seats.taken(workspace) for _ in range(MAX_STREAMS_OF_WORKSPACE)]
    for each in held:
        each.__enter__()
    with pytest.raises(TooManyRequests):
        seats.require_free(workspace)
    seats.require_free(uuid4())
    held[0].__exit__(None, None, None)
    seats.require_free(workspace)
