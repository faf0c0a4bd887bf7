"""A restore drill under load, and a workspace that moves house: nothing is lost, nothing doubled, keys still work."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from services.launcher.bootstrap import SERVICES
from services.launcher.demo.loop import Loop
from tests.e2e.feeds import looking, until_quiet
from tests.e2e.stack import Stack, running_stack, story_of, until
from tests.integration.launcher.launched import fullcircle

LISTS = ("feedback", "themes", "requirements", "objectives", "features", "roadmaps", "kpis", "outcomes", "decisions")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house() -> AsyncIterator[tuple[Stack, Loop]]:
    """A stack of our own, with the whole story in its first workspace."""
    async with running_stack() as stack, story_of(stack) as told:
        yield stack, told


async def command(stack: Stack, *arguments: str) -> str:
    done = await asyncio.to_thread(fullcircle, *arguments, home=stack.home, port=stack.port)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


async def listed(client: httpx.AsyncClient, noun: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 200}
    while True:
        page = (await client.get(f"/v1/{noun}", params=query)).json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]


async def logged(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The whole event log."""
    events: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 200}
    while True:
        page = (await client.get("/v1/event-log", params=query)).json()
        events += page["items"]
        if not page["items"]:
            return events
        query["after"] = page["cursor"]


@asynccontextmanager
async def under_load(client: httpx.AsyncClient) -> AsyncIterator[list[str]]:
    """Somebody keeps telling; what was answered with 201 is listed."""
    told: list[str] = []

    async def tell() -> None:
        while True:
            answer = await client.post("/v1/feedback", json={"text": f"The export is slow, number {len(told)}"})
            assert answer.status_code == 201
            told.append(answer.json()["id"])

    telling = asyncio.create_task(tell())
    try:
        yield told
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _is_numbered(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval("SELECT EXISTS (SELECT FROM event WHERE position IS NULL)")


async def assert_whole(stack: Stack, client: httpx.AsyncClient) -> None:
    """No position is missing or doubled, in the feeds and in the log, and each feedback was told of once.

    An event gets its position a moment after it is written, and work behind a request writes events of its own.
    """
    for service in SERVICES:
        async with looking(stack, service) as connection:
            await until(partial(_is_numbered, connection), what=f"each event of {service} has its position")
            row = await connection.fetchrow(
                """SELECT count(*) = count(DISTINCT id) AS once,
                          coalesce(max(position) - min(position) + 1, 0) = count(position) AS gapless
                   FROM event"""
            )
            assert tuple(row) == (True, True), service
    events = await logged(client)
    positions = [event["position"] for event in events]
    assert positions == list(range(positions[0], positions[0] + len(positions)))
    told_of = Counter(event["subject"] for event in events if event["type"] == "feedback.recorded")
    there = {item["id"] for item in await listed(client, "feedback")}
    assert told_of.keys() == there
    assert set(told_of.values()) <= {1}


async def test_a_backup_under_load_comes_back_whole_and_lives_on(house: tuple[Stack, Loop], tmp_path: Path) -> None:
    stack, _ = house
    async with stack.client() as client, under_load(client) as told:
        await until(lambda: _has(told, 20), what="there is load")
        before = list(told)
        await command(stack, "backup", str(tmp_path / "backup.tar"))
        during = len(told)
    assert during > len(before), "it went on meanwhile"
    assert await stack.stop() == 0
    await command(stack, "restore", str(tmp_path / "backup.tar"), "--replace")
    await stack.start()
    async with stack.client() as client:
        there = {item["id"] for item in await listed(client, "feedback")}
        assert set(before) <= there <= {*before, *told, *there}
        await until_quiet(stack)
        await assert_whole(stack, client)
        new = (await client.post("/v1/feedback", json={"text": "After the restore"})).json()["id"]
        await until(lambda: _is_logged(client, new), what="the feeds go on")
        await assert_whole(stack, client)
        assert (await client.get("/v1/audit-log/verify")).json()["is_intact"] is True


async def test_a_workspace_moves_to_another_installation(house: tuple[Stack, Loop], tmp_path: Path) -> None:
    stack, loop = house
    async with stack.client() as client:
        await until_quiet(stack)
        workspace = (await client.get("/v1/workspace")).json()
        before = {noun: await listed(client, noun) for noun in LISTS}
        chain = (await client.get(f"/v1/trace/{loop.quoted}")).json()
        log = await logged(client)
    archive = tmp_path / "workspace.ndjson.gz"
    assert workspace["name"] in await command(stack, "workspace", "export", workspace["id"], str(archive))
    async with running_stack(is_new=True) as other:
        told = await command(other, "workspace", "import", str(archive))
        assert "its keys are revoked" in told
        again = await asyncio.to_thread(fullcircle, "workspace", "import", str(archive), home=other.home)
        assert (again.returncode, "is here already" in again.stderr) == (1, True)
        made = await command(other, "keys", "create", "--workspace", workspace["id"])
        async with other.client(made.split()[-1]) as client, other.client(stack.admin_key) as former:
            assert (await former.get("/v1/me")).status_code == 401
            await until_quiet(other)  # what is read again there changes nothing
            for noun in LISTS:
                assert await listed(client, noun) == before[noun], noun
            assert (await client.get(f"/v1/trace/{loop.quoted}")).json() == chain
            assert (await client.get("/v1/audit-log/verify")).json()["is_intact"] is True
            assert await logged(client) == log
            new = (await client.post("/v1/feedback", json={"text": "In the new house"})).json()["id"]
            await until(lambda: _is_logged(client, new), what="the log goes on")
            assert [event["position"] for event in await logged(client)] == list(range(1, len(log) + 2))
        async with other.client() as neighbour:
            assert await listed(neighbour, "feedback") == [], "who was there before sees nothing of it"


async def test_an_archive_that_lacks_a_line_is_refused(house: tuple[Stack, Loop], tmp_path: Path) -> None:
    stack, _ = house
    async with stack.client() as client:
        workspace = (await client.get("/v1/workspace")).json()
    archive = tmp_path / "workspace.ndjson"
    await command(stack, "workspace", "export", workspace["id"], str(archive))
    lines = archive.read_bytes().splitlines(keepends=True)
    assert all(json.loads(line) for line in lines)
    for broken in (lines[:-1], lines[:5] + lines[6:], [lines[0].replace(b'"format"', b'"x"'), *lines[2:]]):
        archive.write_bytes(b"".join(broken))
        refused = await asyncio.to_thread(fullcircle, "workspace", "import", str(archive), home=stack.home)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr


async def _has(told: list[str], count: int) -> bool:
    return len(told) >= count


async def _is_logged(client: httpx.AsyncClient, subject: str) -> bool:
    return bool((await client.get("/v1/event-log", params={"subject": subject})).json()["items"])
