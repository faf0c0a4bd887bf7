"""Long work: started with its cause, watched, followed, cancelled."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from services.chassis.context import ServiceContext
from services.chassis.operations import end_given_up
from tests.integration.chassis.conftest import Caller

FINAL = {"succeeded", "failed", "cancelled"}


async def until(client: httpx.AsyncClient, path: str, states: set[str]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            operation: dict[str, Any] = (await client.get(path)).json()
            if operation["state"] in states:
                return operation
            await asyncio.sleep(0.02)


async def start(client: httpx.AsyncClient, kind: str, **more: Any) -> str:
    answer = await client.post("/v1/notes/operations", json={"kind": kind}, **more)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/operations/{answer.json()['id']}"
    return str(answer.headers["location"])


async def test_work_is_done_and_its_result_read(caller: Caller) -> None:
    client = caller()
    path = await start(client, "notes.count")
    operation = await until(client, path, FINAL)
    assert (operation["state"], operation["progress"], operation["result"]["total"]) == ("succeeded", 1.0, 9)
    assert (await client.get(f"/v1/notes/{operation['result']['note_id']}")).status_code == 200
    assert operation["id"].startswith("toy_")


async def test_a_failure_is_a_problem_document(caller: Caller) -> None:
    client = caller()
    operation = await until(client, await start(client, "notes.refuse"), FINAL)
    assert (operation["state"], operation["problem"]["code"]) == ("failed", "invalid")


async def test_running_work_is_cancelled_within_a_second_and_its_child_with_it(caller: Caller) -> None:
    client = caller()
    path = await start(client, "notes.forever")
    await until(client, path, {"running"})
    before = asyncio.get_running_loop().time()
    assert (await client.delete(path)).status_code == 202
    operation = await until(client, path, FINAL)
    assert operation["state"] == "cancelled"
    assert asyncio.get_running_loop().time() - before < 1
    again = await client.delete(path)
    assert (again.status_code, again.json()["code"]) == (409, "operation_finished")


GIVE_UP = text(
    """UPDATE procrastinate_jobs SET status = 'failed'
       WHERE args ->> 'operation_id' = :id AND status = 'todo' AND attempts > 0 RETURNING id"""
)


async def test_work_whose_job_was_given_up_ends_and_other_work_does_not(caller: Caller, toy: FastAPI) -> None:
    """As when its kind is newer than every worker; what is still being tried goes on."""
    client = caller()
    context: ServiceContext = toy.state.context
    going_on, path = await start(client, "notes.forever"), await start(client, "notes.unheard_of")
    await until(client, path, {"running"})
    await end_given_up(context)
    assert (await client.get(path)).json()["state"] == "running", "it waits for its next turn"
    given_up = None
    async with asyncio.timeout(20):
        while given_up is None:
            async with context.database.engine.begin() as connection:
                given_up = await connection.scalar(GIVE_UP, {"id": path.rpartition("/")[2]})
    await end_given_up(context)
    operation = (await client.get(path)).json()
    assert (operation["state"], operation["problem"]["code"], operation["problem"]["status"]) == (
        "failed",
        "given_up",
        503,
    )
    assert (await client.get(going_on)).json()["state"] in {"queued", "running"}
    await client.delete(going_on)


async def test_one_key_starts_one_operation(caller: Caller) -> None:
    client = caller()
    key = {"Idempotency-Key": str(uuid4())}
    assert await start(client, "notes.count", headers=key) == await start(client, "notes.count", headers=key)


async def test_another_workspace_cannot_see_or_cancel(caller: Caller) -> None:
    path = await start(caller(), "notes.count")
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.delete(path)).status_code == 404
    assert (await stranger.get(f"{path}/events")).status_code == 404


async def test_an_operation_is_followed_to_its_end(caller: Caller) -> None:
    client = caller()
    path = await start(client, "notes.count")
    async with asyncio.timeout(20):
        stream = (await client.get(f"{path}/events")).text
    assert '"state":"succeeded"' in stream.strip().splitlines()[-1]


async def test_the_answer_may_wait_for_the_work(caller: Caller) -> None:
    client = caller()
    started = await client.post(
        "/v1/notes/operations", json={"kind": "notes.count"}, headers={"Prefer": "respond-async, wait=20"}
    )
    assert (started.status_code, started.json()["state"], started.json()["result"]["total"]) == (202, "succeeded", 9)
    assert started.headers["preference-applied"] == "wait=20"
    assert started.headers["location"].endswith(started.json()["id"])
    assert started.headers["etag"] == started.json()["etag"]


async def test_a_reader_may_wait_for_the_end(caller: Caller) -> None:
    client = caller()
    path = await start(client, "notes.forever")
    assert (await client.get(path, headers={"Prefer": "wait=0"})).json()["state"] in {"queued", "running"}
    waiting = asyncio.create_task(client.get(path, headers={"Prefer": "wait=20"}))
    await until(client, path, {"running"})
    await client.delete(path)
    assert (await waiting).json()["state"] == "cancelled"
    assert (await client.get("/v1/operations/toy_none", headers={"Prefer": "wait=20"})).status_code == 404
