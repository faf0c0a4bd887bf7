"""Segment's own libraries for Python and for Node, pointed at the gateway."""

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from segment.analytics import Client

from tests.e2e.stack import Stack
from tests.prepared import CALLS, PREPARED, needs_node, run

SPAN = {"from": "2026-05-01T00:00:00Z", "to": "2026-05-02T00:00:00Z"}


@pytest.mark.parametrize("gzip", [False, True])
async def test_events_of_the_library_arrive_and_are_counted(stack: Stack, gzip: bool) -> None:
    key = await stack.other_workspace("Segment")
    async with stack.client(key) as api:
        kpi = await a_kpi(api, f"Revenue, {gzip}")
        faults: list[Any] = []
        await asyncio.to_thread(send, stack.url, key, gzip=gzip, faults=faults)
        assert faults == []
        answer = await api.get(f"/v1/kpis/{kpi}/series", params=SPAN)
        assert [each["value"] for each in answer.json()["points"]] == [75]


@needs_node
async def test_events_of_the_node_library_arrive_and_are_counted(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(PREPARED / "node_modules")
    shutil.copy(CALLS / "package.json", tmp_path)
    shutil.copy(CALLS / "segment.js", tmp_path)
    key = await stack.other_workspace("Segment")
    async with stack.client(key) as api:
        kpi = await a_kpi(api, "Revenue, Node")
        told = await run("node", "segment.js", stack.url, key, "Revenue, Node", directory=tmp_path)
        assert json.loads(told) == []
        answer = await api.get(f"/v1/kpis/{kpi}/series", params=SPAN)
        assert [each["value"] for each in answer.json()["points"]] == [75]


async def a_kpi(api: httpx.AsyncClient, name: str) -> str:
    source = {"event": name, "property": "revenue", "where": {"plan": "pro"}}
    body = {"name": name, "unit": "EUR", "aggregation": "sum", "direction": "up"}
    answer = await api.post("/v1/kpis", json=body | {"calculation": {"kind": "simple", "source": source}})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def send(url: str, key: str, *, gzip: bool, faults: list[Any]) -> None:
    """Every kind of call, as an application makes them."""
    when = datetime(2026, 5, 1, 9, tzinfo=UTC)
    client = Client(key, host=url, gzip=gzip, on_error=lambda fault, _batch: faults.append(fault))
    client.identify("ada", {"email": "ada@example.org"}, anonymous_id="browser-1")
    client.alias("browser-2", "ada")
    client.group("ada", "acme", {"name": "Acme"})
    client.page("ada", name="Pricing")
    client.screen("ada", name="Inbox")
    name = f"Revenue, {gzip}"
    for revenue in (25, 50):
        client.track("ada", name, {"revenue": revenue, "plan": "pro"}, timestamp=when, message_id=f"{gzip}-{revenue}")
    client.track("bob", name, {"revenue": 50, "plan": "pro"}, timestamp=when, message_id=f"{gzip}-50")
    client.track("bob", name, {"revenue": 9, "plan": "free"}, timestamp=when)
    client.shutdown()


async def test_basic_authentication_opens_these_paths_only(stack: Stack) -> None:
    key = await stack.other_workspace("Basic")
    async with httpx.AsyncClient(base_url=stack.url, auth=(key, "")) as basic:
        assert (await basic.get("/v1/kpis")).status_code == 401
        sent = await basic.post("/v1/track", content=json.dumps({"userId": "ada", "event": "E"}), headers=JSON)
        assert (sent.status_code, sent.json()) == (200, {"success": True})
    async with httpx.AsyncClient(base_url=stack.url, auth=("fc_live_wrong", "")) as stranger:
        assert (await stranger.post("/v1/track", json={"userId": "ada", "event": "E"})).status_code == 401


JSON = {"Content-Type": "application/json"}
