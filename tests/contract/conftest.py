"""The merged document of the running stack, its callers, and what a workspace holds after the whole story."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from services.launcher.demo.loop import Loop
from tests.contract.belongings import Belongings
from tests.contract.callers import Callers
from tests.contract.operations import Operation, operations_of
from tests.contract.sharing import token_of_a_share_link
from tests.e2e.stack import Stack
from tests.shared import once_awaited


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def document(stack: Stack) -> dict[str, Any]:
    """The merged OpenAPI document, as the gateway serves it."""
    async with stack.stranger() as client:
        answer = await client.get("/openapi.json")
    assert answer.status_code == 200, answer.text
    merged: dict[str, Any] = answer.json()
    return merged


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def operations(document: dict[str, Any]) -> list[Operation]:
    """Every operation of the API; the walks below need no list of their own."""
    return operations_of(document)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def callers(stack: Stack) -> AsyncIterator[Callers]:
    made = await Callers.of(stack)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def belongings(loop: Loop, callers: Callers, operations: list[Operation]) -> Belongings:
    """What the admin's workspace holds after the story, and what the first worker that asks has made there besides."""

    async def gathered() -> tuple[dict[str, str], set[str], dict[str, str]]:
        found = await gather(loop, callers, operations)
        return found.known, found.ids, found.made

    known, ids, made = await once_awaited("belongings", gathered)
    return Belongings(callers.owner, known, ids, made)


async def gather(loop: Loop, callers: Callers, operations: list[Operation]) -> Belongings:
    token = await token_of_a_share_link(callers.owner, loop)
    known = {"operation_id": loop.optimization["operation_id"], "any_id": loop.quoted, "share_token": token}
    known["edge_id"] = await an_edge_between_kpis(callers)
    known["customer_merge_id"] = await a_merge_of_companies(callers)
    known["theme_merge_id"] = await a_merge_of_themes(callers)
    return await Belongings.of(callers.owner, operations, known=known)


async def an_edge_between_kpis(callers: Callers) -> str:
    """The walk makes one thing of a kind, and this takes two."""
    kpi = {"unit": "accounts", "aggregation": "sum", "direction": "up"}
    ids = [
        (await callers.owner.post("/v1/kpis", json=kpi | {"name": name})).json()["id"] for name in ("Moved", "Moves")
    ]
    edge = {"kpi_id": ids[0], "driver_kpi_id": ids[1], "sign": "raises", "rationale": "It was seen in March."}
    made: str = (await callers.owner.post("/v1/kpi-edges", json=edge)).json()["id"]
    return made


async def a_merge_of_companies(callers: Callers) -> str:
    """No example can name two different companies of a workspace."""
    made = []
    for name in ("One", "The same one"):
        answer = await callers.owner.post("/v1/companies", json={"name": name})
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    pair = {"subject": "company", "kept_id": made[0], "merged_id": made[1]}
    merge_id: str = (await callers.owner.post("/v1/customer-merges", json=pair)).json()["id"]
    return merge_id


async def a_merge_of_themes(callers: Callers) -> str:
    """As with companies: no example can name two."""
    ids = [(await callers.owner.post("/v1/themes", json={"name": name})).json()["id"] for name in ("One", "Other")]
    answer = await callers.owner.post("/v1/theme-merges", json={"kept_id": ids[0], "merged_id": ids[1]})
    assert answer.status_code == 201, answer.text
    merge_id: str = answer.json()["id"]
    return merge_id
