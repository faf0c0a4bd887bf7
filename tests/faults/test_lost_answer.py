"""`kill -9` between commit and answer: whoever asks again with the same key is told of the one effect there is."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from services.chassis.identity import SCOPES, Principal, TokenSigner
from tests.e2e.stack import ROOT
from tests.integration.chassis.toy import SEED, create_tables
from tests.postgres import DatabaseAddress, PostgresForTests

WORKSPACE = uuid4()


@pytest.fixture
async def database(postgres: PostgresForTests) -> AsyncIterator[DatabaseAddress]:
    made = await postgres.database("requirements")
    await create_tables(made.owner_url, app_role="fullcircle_requirements_app")
    yield made
    await postgres.drop(made)


@asynccontextmanager
async def toy(database: DatabaseAddress) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """A process of the toy service, and somebody who asks it."""
    command = (sys.executable, "-m", "tests.faults.lost_answer_process", database.app_url)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    principal = Principal("key:test", "key", WORKSPACE, "admin", frozenset(SCOPES))
    token = TokenSigner(SEED, issuer="tests").sign(principal, audience="toy")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        # The socket listens from the first moment: what is sent early waits until the process is ready.
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_an_answer_that_was_lost_is_given_again_and_the_effect_is_there_once(database: DatabaseAddress) -> None:
    rounds = [{"title": f"Lost {number}"} for number in range(3)]
    for number, note in enumerate(rounds):
        key = {"Idempotency-Key": f"lost-{number}"}
        async with toy(database) as (process, client):
            with pytest.raises(httpx.TransportError):
                await client.post("/v1/notes", json=note, headers={**key, "X-Die": "1"})
            assert await process.wait() == -9
        async with toy(database) as (_, client):
            again = await client.post("/v1/notes", json=note, headers=key)
            assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
            there = (await client.get("/v1/notes")).json()["items"]
            assert [each["id"] for each in there if each["title"] == note["title"]] == [again.json()["id"]]
            assert len(there) == number + 1
