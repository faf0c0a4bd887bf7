"""Intake while its process or its database dies: what was sent counts once, to the unit."""

import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.e2e.feeds import faults_of_feeds, until_caught_up
from tests.e2e.stack import Stack, running_stack, until

BATCHES, LINES = 10, 400
STRUCK = frozenset({2, 5, 8})
NDJSON = {"Content-Type": "application/x-ndjson"}
MAY = {"from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def breakable() -> AsyncIterator[Stack]:
    async with running_stack() as running:
        yield running


@asynccontextmanager
async def without(stack: Stack, *services: str) -> AsyncIterator[None]:
    """Meanwhile these are dead: the launcher, who would start them again, is held."""
    os.kill(stack.launcher.pid, signal.SIGSTOP)
    try:
        for service in services:
            stack.kill(service)
        yield
    finally:
        os.kill(stack.launcher.pid, signal.SIGCONT)


async def test_intake_goes_on_alone_and_the_feeds_catch_up(breakable: Stack) -> None:
    async with breakable.client() as client:
        async with without(breakable, "roadmap", "metrics"):
            for number in range(5):
                answer = await client.post("/v1/feedback", json={"text": f"Heard while others were away, {number}"})
                assert answer.status_code == 201, answer.text
            requirement = await client.post("/v1/requirements", json={"title": "Written while others were away"})
            assert requirement.status_code == 201, requirement.text
            assert (await client.get("/v1/features")).status_code in {502, 503, 504}
        await until(breakable.answers, what="all are back")
        feature = {"title": "Afterwards", "requirement_ids": [requirement.json()["id"]]}
        assert (await client.post("/v1/features", json=feature)).status_code == 201
        await until_caught_up(breakable)
        assert await faults_of_feeds(breakable) == []


@pytest.mark.parametrize("victim", ["metrics", "PostgreSQL"])
async def test_totals_are_exact_whatever_dies(breakable: Stack, victim: str) -> None:
    """Each batch is sent until it is answered, as a client would; the victim dies with three of them on their way."""
    await until(breakable.answers, within_s=90, what="the stack is whole before the first kill")
    armed: list[int] = []

    async def strike(_request: httpx.Request) -> None:
        """As the request of an armed batch leaves."""
        if armed:
            armed.clear()
            breakable.kill(victim)

    async with breakable.client(event_hooks={"request": [strike]}) as api:
        kpi = (await api.post("/v1/kpis", json=a_kpi(f"Through a death of {victim}"))).json()
        for number in range(BATCHES):
            armed += [number] if number in STRUCK else []
            await send(api, kpi["id"], number)
        points = await series(api, kpi["id"])
        assert sum(each["measurements"] for each in points) == BATCHES * LINES
        expected = sum(Decimal(value_of(number, line)) / 100 for number in range(BATCHES) for line in range(LINES))
        assert sum(Decimal(repr(each["value"])) for each in points if each["value"] is not None) == expected
        half = await series(api, kpi["id"], filter="half:0")
        assert sum(each["measurements"] for each in half) == BATCHES * LINES // 2


async def series(api: httpx.AsyncClient, kpi_id: str, **query: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/kpis/{kpi_id}/series", params=MAY | query)
    answer.raise_for_status()
    points: list[dict[str, Any]] = answer.json()["points"]
    return points


def a_kpi(name: str) -> dict[str, object]:
    return {"name": name, "unit": "EUR", "aggregation": "sum", "direction": "up", "dimensions": ["half"]}


def value_of(number: int, line: int) -> int:
    return 1 + (number * LINES + line) % 997


def body_of(kpi_id: str, number: int) -> bytes:
    lines = (
        {
            "kpi_id": kpi_id,
            "value": value_of(number, line) / 100,
            "measured_at": f"2026-05-{1 + line % 28:02}T{number:02}:00:00Z",
            "dedupe_key": f"{number}-{line}",
            "dimensions": {"half": str(line % 2)},
        }
        for line in range(LINES)
    )
    return b"\n".join(json.dumps(line).encode() for line in lines)


async def send(api: httpx.AsyncClient, kpi_id: str, number: int) -> None:
    """Until every line is there: new, or known from a try whose answer was lost."""
    body = body_of(kpi_id, number)

    async def is_taken() -> bool:
        try:
            answer = await api.post("/v1/measurements/bulk", content=body, headers=NDJSON)
        except httpx.TransportError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        statuses = {json.loads(line)["status"] for line in answer.text.splitlines()}
        assert statuses <= {200, 201}
        return True

    await until(is_taken, within_s=120, what=f"batch {number} is taken in")
