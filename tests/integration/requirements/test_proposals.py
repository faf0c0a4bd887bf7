"""What was measured comes back as a proposal; people decide, and the comparison explains what it moved."""

import socket
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, Header, HTTPException

from services.chassis.app import build_context
from services.chassis.identity import SCOPES, Principal, TokenSigner, TokenVerifier
from services.requirements.app import build_service
from services.requirements.settings import RequirementsSettings
from tests.integration.requirements.conftest import SEED
from tests.integration.requirements.test_backlog import need
from tests.integration.requirements.test_prioritization import RANGES, adds_up, rank

OUTCOME = str(uuid4())
HALF_KEPT = {"count": 4, "factor": 0.5, "realised": 0.25, "hit_rate": 0.5, "outcome_ids": [OUTCOME]}


@pytest_asyncio.fixture
async def promises() -> AsyncIterator[dict[str, Any]]:
    """Metrics as seen from outside; `groups` is what it answers, None that it is down."""
    told: dict[str, Any] = {"groups": [HALF_KEPT]}
    metrics = FastAPI()

    @metrics.get("/v1/calibration")
    async def calibration(authorization: str = Header()) -> Any:
        TokenVerifier(SEED, audience="metrics").verify(authorization.removeprefix("Bearer ")).require("metrics:read")
        if told["groups"] is None:
            raise HTTPException(503)
        return {"group_by": "workspace", "groups": told["groups"]}

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(metrics, log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listening])
        told["url"] = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield told
        await server.shutdown()


@pytest_asyncio.fixture
async def api(
    settings: RequirementsSettings, promises: dict[str, Any], workspace: UUID
) -> AsyncIterator[httpx.AsyncClient]:
    changes = {"role": "api", "metrics_url": promises["url"]}
    service = build_service(build_context("requirements", settings.model_copy(update=changes)))
    token = TokenSigner(SEED, issuer="tests").sign(
        Principal("key:test", "key", workspace, "admin", frozenset(SCOPES)), audience="requirements", lifetime_s=600
    )
    async with (
        service.router.lifespan_context(service),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=service),
            base_url="http://requirements",
            headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):
        yield client


async def propose(api: httpx.AsyncClient, prioritization_id: str) -> httpx.Response:
    return await api.post("/v1/calibration-proposals", json={"prioritization_id": prioritization_id})


async def test_accepting_ranks_anew_and_every_move_is_explained(api: httpx.AsyncClient) -> None:
    first = await need(api, "first", estimates=RANGES)
    await need(api, "second", estimates=RANGES | {"impact": {"low": 0.5, "likely": 1, "high": 3}})
    earlier = await rank(api, seed=7, top=1)
    made = await propose(api, earlier["id"])
    assert made.status_code == 201, made.text
    proposal = made.json()
    assert (proposal["state"], proposal["factor"], proposal["outcome_ids"]) == ("open", 0.5, [OUTCOME])
    change = next(each for each in proposal["changes"] if each["title"] == "second")
    assert change["proposed"] == {"low": 0.25, "likely": 0.5, "high": 1.5}
    untouched = (await api.get(f"/v1/requirements/{first['id']}")).json()
    assert untouched == first, "nothing changes until somebody accepts"
    accepted = (await api.post(f"{made.headers['location']}/accept")).json()
    assert (accepted["state"], accepted["decided_by"]) == ("accepted", "key:test")
    later = (await api.get(f"/v1/prioritizations/{accepted['prioritization_id']}")).json()
    assert (later["seed"], later["top"]) == (7, 1)
    comparison = (await api.get(f"/v1/prioritizations/{later['id']}/comparison")).json()
    assert comparison["earlier_id"] == earlier["id"]
    for move in comparison["moves"]:
        told = move["score_change"]
        assert adds_up(told["score"], told["earlier_score"], told["contributions"])
        assert told["score"] == told["earlier_score"] / 2
        assert {name for name, share in told["contributions"].items() if share} == {"impact"}
    again = await api.post(f"{made.headers['location']}/accept")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    kept = (await api.get(f"/v1/prioritizations/{earlier['id']}")).json()
    assert kept == earlier


async def test_dismissing_keeps_the_reason(api: httpx.AsyncClient) -> None:
    requirement = await need(api, estimates=RANGES)
    made = await propose(api, (await rank(api))["id"])
    dismissed = await api.post(f"{made.headers['location']}/dismiss", json={"reason": "Holidays"})
    assert (dismissed.json()["state"], dismissed.json()["reason"]) == ("dismissed", "Holidays")
    assert (await api.get(f"/v1/requirements/{requirement['id']}")).json() == requirement
    listed = (await api.get("/v1/calibration-proposals", params={"state": "dismissed"})).json()["items"]
    assert listed == [dismissed.json()]
    assert (await api.post(f"{made.headers['location']}/dismiss", json={"reason": "x"})).status_code == 409


async def test_an_estimate_of_later_is_not_overwritten(api: httpx.AsyncClient) -> None:
    requirement = await need(api, estimates=RANGES)
    made = await propose(api, (await rank(api))["id"])
    changed = await api.patch(
        f"/v1/requirements/{requirement['id']}",
        json={"estimates": {"impact": 3}},
        headers={"If-Match": requirement["etag"]},
    )
    assert changed.status_code == 200, changed.text
    refused = await api.post(f"{made.headers['location']}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "estimate_changed")
    assert (await api.get(f"/v1/requirements/{requirement['id']}")).json() == changed.json()


async def test_what_cannot_be_proposed_is_said(api: httpx.AsyncClient, promises: dict[str, Any]) -> None:
    await need(api, estimates=RANGES | {"moscow": "must"})
    unknown = await propose(api, str(uuid4()))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_reference")
    by_class = await propose(api, (await rank(api, method="moscow"))["id"])
    assert (by_class.status_code, by_class.json()["errors"][0]["code"]) == (422, "method")
    ranking = (await rank(api))["id"]
    promises["groups"] = []
    nothing = await propose(api, ranking)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_measured")
    promises["groups"] = None
    down = await propose(api, ranking)
    assert (down.status_code, down.json()["code"]) == (503, "neighbour_unavailable")
