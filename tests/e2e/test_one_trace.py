"""One trace id from the caller through gateway, services, jobs, feeds and webhooks, to the figures of each process."""

import json
import secrets
from typing import Any

import httpx
import pytest

from services.launcher.bootstrap import SERVICES
from services.launcher.demo.loop import Loop
from services.launcher.demo.sample import EXPORT
from tests.e2e.stack import Stack, until

WAITED_FOR = {
    "feature.shipped": "the service that was asked",
    "requirement.status_changed": "its neighbour, by the feed",
}


def traced() -> tuple[str, dict[str, str]]:
    """A trace that a caller has begun."""
    trace_id = secrets.token_hex(16)
    return trace_id, {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}


async def events_of(client: httpx.AsyncClient, trace_id: str) -> dict[str, Any]:
    """What the log tells of this trace, by type."""
    found, query = {}, {"limit": "200"}
    while True:
        page = (await client.get("/v1/event-log", params=query)).json()
        found |= {each["type"]: each for each in page["items"] if trace_id in (each.get("traceparent") or "")}
        if not page["items"]:
            return found
        query["after"] = page["cursor"]


async def test_a_cause_is_found_in_everything_that_came_of_it(stack: Stack) -> None:
    trace_id, headers = traced()
    key = await stack.other_workspace("Traced")
    async with stack.client(key) as client:
        need = (await client.post("/v1/requirements", json={"title": "Reports in a minute"})).json()
        feature = (
            await client.post("/v1/features", json={"title": "Faster export", "requirement_ids": [need["id"]]})
        ).json()
        path = f"/v1/features/{feature['id']}/transitions"
        answer = await client.post(path, json={"to": "shipped"}, headers=headers)
        assert answer.status_code == 200
        found = await until(lambda: _all_told(client, trace_id), what="the effects are told of")
        assert isinstance(found, dict)
        assert found["feature.shipped"]["source"] == "/roadmap"
        assert found["requirement.status_changed"]["source"] == "/requirements"
        audit = (await client.get("/v1/audit-log", params={"limit": 200})).json()["items"]
        assert {each["service"] for each in audit if each["trace_id"] == trace_id} >= {"roadmap", "requirements"}


async def _all_told(client: httpx.AsyncClient, trace_id: str) -> dict[str, Any] | None:
    found = await events_of(client, trace_id)
    return found if found.keys() >= WAITED_FOR.keys() else None


async def test_long_work_belongs_to_who_asked_for_it(stack: Stack) -> None:
    trace_id, headers = traced()
    async with stack.client(await stack.other_workspace("At work")) as client:
        for voice in EXPORT.voices:
            assert (await client.post("/v1/feedback", json={"text": voice})).status_code == 201
        answer = await client.post("/v1/themes/rebuild", headers=headers)
        assert answer.status_code == 202, answer.text
        location = answer.headers["location"]
        await client.get(location, headers={"Prefer": "wait=30"})
        await until(lambda: _is_over(client, location), what="the work has ended")
    lines = [json.loads(line) for line in _logged(stack, "requirements") if trace_id in line]
    assert {line["service"] for line in lines} == {"requirements"}


async def _is_over(client: httpx.AsyncClient, location: str) -> bool:
    return bool((await client.get(location)).json()["state"] == "succeeded")


def _logged(stack: Stack, service: str) -> list[str]:
    return (stack.home / "logs" / f"{service}.log").read_text().splitlines()


async def test_a_refusal_names_the_trace_that_the_logs_know(stack: Stack) -> None:
    trace_id, headers = traced()
    async with stack.client() as client:
        refused = await client.post("/v1/features", json={"title": ""}, headers=headers)
        assert (refused.status_code, refused.json()["trace_id"]) == (422, trace_id)
        unknown = await client.get("/v1/nothing", headers=headers)
        assert (unknown.status_code, unknown.json()["trace_id"]) == (404, trace_id)
    for service in ("gateway", "roadmap"):
        await until(lambda service=service: _knows(stack, service, trace_id), what=f"{service} has logged it")


async def _knows(stack: Stack, service: str, trace_id: str) -> bool:
    return any(trace_id in line for line in _logged(stack, service))


@pytest.mark.parametrize("service", [each for each in SERVICES if each != "gateway"])
async def test_each_service_tells_its_figures(stack: Stack, loop: Loop, service: str) -> None:
    """Rate, errors and duration by route; the pool, the queue and the feeds: what the dashboard shows."""
    urls = json.loads((stack.home / "stack.json").read_text())["urls"]
    async with stack.stranger() as client:
        told = (await client.get(f"{urls[service]}/metrics")).text
    for figure in ("http_requests_total", "http_request_duration_seconds_bucket", "database_connections"):
        assert f"fullcircle_{figure}{{" in told, figure
    assert f'fullcircle_jobs{{service="{service}",state="failed"}} 0.0' in told
    assert "fullcircle_feed_lag_events{consumer=" in told
