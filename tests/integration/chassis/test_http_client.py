"""Asking a neighbour that fails, stalls, drips, refuses or talks nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from services.chassis import http_client
from services.chassis.deadline import deadline_from, remaining_s
from services.chassis.errors import BadGateway, Invalid, NotFound
from services.chassis.http_client import NeighbourDown, ServiceClient
from services.chassis.identity import TokenSigner, TokenVerifier, system_principal
from tests.integration.chassis.serving import served
from tests.integration.chassis.toy import SEED

ME = system_principal("roadmap", workspace_id=UUID(int=7))


class Answer(BaseModel):
    name: str


@dataclass
class Neighbour:
    """Answers as it is told to: each entry of `script` serves one request, the last one all others."""

    script: list[Any] = field(default_factory=lambda: [200])
    requests: list[dict[str, str]] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.requests.append({key.decode(): value.decode() for key, value in scope["headers"]})
        act = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if act == "hang":
            await self.released.wait()
            return
        status = act if isinstance(act, int) else 200
        body = {"name": "it", "extra": 1} if status == 200 else {"detail": "No."}
        raw = b"<nonsense>" if act == "nonsense" else json.dumps(body).encode()
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        if act == "drip":
            while not self.released.is_set():
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": raw})


@dataclass
class Pair:
    neighbour: Neighbour
    client: ServiceClient

    async def ask(self) -> Answer:
        return await self.client.get("/it", on_behalf_of=ME, model=Answer)


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    neighbour = Neighbour()
    async with served(neighbour) as url:
        client = ServiceClient(url, audience="metrics", signer=TokenSigner(SEED, issuer="roadmap"), timeout_s=0.5)
        yield Pair(neighbour, client)
        neighbour.released.set()
        await client.close()


async def test_a_question_carries_who_asks_how_long_they_wait_and_the_trace(pair: Pair) -> None:
    assert (await pair.ask()).name == "it"
    headers = pair.neighbour.requests[0]
    asker = TokenVerifier(SEED, audience="metrics").verify(headers["authorization"].removeprefix("Bearer "))
    assert (asker.id, asker.workspace_id) == ("system:roadmap", UUID(int=7))
    assert 0 < int(headers["x-fullcircle-deadline-ms"]) <= 500
    assert headers["traceparent"].startswith("00-")


async def test_a_read_is_tried_again(pair: Pair) -> None:
    pair.neighbour.script = [503, 500, 200]
    assert (await pair.ask()).name == "it"
    assert len(pair.neighbour.requests) == 3


async def test_a_write_is_not(pair: Pair) -> None:
    pair.neighbour.script = [503, 200]
    with pytest.raises(NeighbourDown):
        await pair.client.post("/it", on_behalf_of=ME, json={}, model=Answer)
    assert len(pair.neighbour.requests) == 1


@pytest.mark.parametrize("act", ["hang", "drip"])
async def test_no_answer_takes_longer_than_its_deadline(pair: Pair, act: str) -> None:
    pair.neighbour.script = [act]
    async with asyncio.timeout(5):
        with pytest.raises(NeighbourDown):
            await pair.ask()


async def test_the_callers_remaining_time_bounds_the_question(pair: Pair) -> None:
    with deadline_from({"x-fullcircle-deadline-ms": "120"}):
        await pair.ask()
    assert int(pair.neighbour.requests[0]["x-fullcircle-deadline-ms"]) <= 120


@pytest.mark.parametrize(
    ("status", "problem"),
    [(404, NotFound), (422, Invalid), (409, Invalid), (403, BadGateway), ("nonsense", BadGateway)],
)
async def test_what_a_neighbour_says_becomes_our_own_problem(pair: Pair, status: Any, problem: type[Exception]) -> None:
    pair.neighbour.script = [status]
    with pytest.raises(problem):
        await pair.ask()
    assert len(pair.neighbour.requests) == 1


async def test_a_neighbour_that_keeps_failing_is_left_alone_for_a_while(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.neighbour.script = [500]
    for _ in range(3):
        with pytest.raises(NeighbourDown):
            await pair.ask()
    assert len(pair.neighbour.requests) == http_client.FAILURES_TO_OPEN


async def test_refusals_do_not_open_the_breaker(pair: Pair) -> None:
    pair.neighbour.script = [404]
    for _ in range(http_client.FAILURES_TO_OPEN + 2):
        with pytest.raises(NotFound):
            await pair.ask()
    pair.neighbour.script = [200]
    assert (await pair.ask()).name == "it"


async def test_nobody_there_is_a_neighbour_down(pair: Pair) -> None:
    client = ServiceClient("http://127.0.0.1:1", audience="metrics", signer=TokenSigner(SEED, issuer="roadmap"))
    with pytest.raises(NeighbourDown):
        await client.get("/it", on_behalf_of=ME, model=Answer)
    await client.close()


@pytest.mark.parametrize("sent", ["", "soon", "-5", "1e9", "99999999999"])
def test_a_deadline_that_cannot_be_read_is_none(sent: str) -> None:
    with deadline_from({"x-fullcircle-deadline-ms": sent}):
        assert remaining_s(30) == 30
