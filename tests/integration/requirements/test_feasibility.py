"""Whether something can be done, as experts judge it, and whether it fits what the roadmap has free."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.requirements import test_requirements_whole
from tests.integration.requirements.roadmap_double import RoadmapDouble
from tests.integration.requirements.test_backlog import need
from tests.integration.requirements.test_prioritization import RANGES, rank

roadmap, linked = test_requirements_whole.roadmap, test_requirements_whole.linked
QUARTER = {"starts_on": "2027-01-04", "ends_on": "2027-03-26"}


async def judge(api: httpx.AsyncClient, requirement: Mapping[str, Any], **judgement: Any) -> dict[str, Any]:
    body = {"reason": "Seen before", **judgement}
    answer = await api.post(f"/v1/requirements/{requirement['id']}/feasibility-judgements", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_experts_are_pooled_and_the_score_is_worth_its_chance(api: httpx.AsyncClient) -> None:
    risky = await need(api, "risky", estimates=RANGES | {"reach": 500})
    sure = await need(api, "sure", estimates=RANGES | {"reach": 400})
    await judge(api, risky, expert="One", aspect="technical", chance={"low": 0.2, "likely": 0.5, "high": 0.8})
    await judge(api, risky, expert="Other", aspect="technical", chance={"low": 0.7, "likely": 0.7, "high": 0.7})
    await judge(api, risky, expert="Counsel", aspect="legal", chance={"low": 0.5, "likely": 0.5, "high": 0.5})
    first, second = (await rank(api))["ranking"]
    assert (first["requirement_id"], second["requirement_id"]) == (risky["id"], sure["id"])
    told = first["feasibility"]
    assert told["aspects"]["technical"] == {"low": 0.2, "mean": pytest.approx(0.6), "high": 0.8}
    assert told["together"] == {"low": pytest.approx(0.1), "mean": pytest.approx(0.3), "high": pytest.approx(0.4)}
    assert first["risk_adjusted_score"] == pytest.approx(first["score"] * 0.3)
    assert (first["risk_adjusted_rank"], second["risk_adjusted_rank"]) == (2, 1)
    assert (second["feasibility"], second["risk_adjusted_score"], second["fits_capacity"]) == (None, None, None)


async def test_each_expert_judges_an_aspect_once_and_may_learn(api: httpx.AsyncClient) -> None:
    requirement, other = await need(api, "x"), await need(api, "y")
    chance = {"low": 0.1, "likely": 0.2, "high": 0.3}
    made = await judge(api, requirement, aspect="dependency", chance=chance)
    assert made["expert"] == "key:test"
    path = f"/v1/requirements/{requirement['id']}/feasibility-judgements"
    again = await api.post(path, json={"aspect": "dependency", "chance": chance, "reason": "x"})
    assert again.status_code == 409
    stale = await api.patch(f"{path}/{made['id']}", json={"reason": "y"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = await api.patch(f"{path}/{made['id']}", json={"reason": "y"}, headers={"If-Match": made["etag"]})
    assert (changed.json()["reason"], changed.json()["chance"]) == ("y", chance)
    assert (await api.get(path)).json()["items"] == [changed.json()]
    elsewhere = f"/v1/requirements/{other['id']}/feasibility-judgements/{made['id']}"
    assert (await api.get(elsewhere)).status_code == 404
    gone = await api.delete(f"{path}/{made['id']}", headers={"If-Match": changed.json()["etag"]})
    assert gone.status_code == 204
    for wrong in ({"low": 0.3, "likely": 0.2, "high": 0.9}, {"low": 0, "likely": 1, "high": 2}):
        assert (await api.post(path, json={"aspect": "legal", "chance": wrong, "reason": "x"})).status_code == 422


def takes(**months: float) -> dict[str, Any]:
    return {"reach": 400, "impact": 2, "confidence": 0.8, "effort_by_skill": months}


async def test_what_stands_above_takes_its_days_first(linked: httpx.AsyncClient, roadmap: RoadmapDouble) -> None:
    roadmap.free_days = {"backend": 30, "design": 100}
    first = await need(linked, "first", estimates=takes(backend=1))
    second = await need(linked, "second", estimates=takes(backend=1, design=1))
    silent = await need(linked, "silent", estimates=RANGES | {"reach": 1})
    ranking = await rank(linked, capacity=QUARTER)
    lines = {line["requirement_id"]: line for line in ranking["ranking"]}
    assert (lines[first["id"]]["fits_capacity"], lines[first["id"]]["missing_days"]) == (True, {})
    assert (lines[second["id"]]["fits_capacity"], lines[second["id"]]["missing_days"]) == (False, {"backend": 10})
    assert lines[silent["id"]]["fits_capacity"] is None
    assert ranking["capacity"]["state"] == "answered"
    assert (await linked.get(f"/v1/prioritizations/{ranking['id']}")).json() == ranking


async def test_without_the_roadmap_the_ranking_says_so(linked: httpx.AsyncClient, roadmap: RoadmapDouble) -> None:
    await need(linked, "x", estimates=takes(backend=1))
    roadmap.is_down = True
    ranking = await rank(linked, capacity=QUARTER)
    assert (ranking["capacity"]["state"], ranking["ranking"][0]["fits_capacity"]) == ("unavailable", None)


async def test_what_cannot_be_asked_is_refused(linked: httpx.AsyncClient) -> None:
    await need(linked, "x", estimates=RANGES)
    ranking = await rank(linked, capacity=QUARTER)
    assert ranking["capacity"]["state"] == "nothing_to_ask"
    await need(linked, "y", estimates=takes(backend=1))
    for wrong, pointer in (
        (QUARTER | {"team_id": str(uuid4())}, "/capacity"),
        (QUARTER | {"ends_on": "2026-12-31"}, "/capacity"),
    ):
        answer = await linked.post("/v1/prioritizations", json={"name": "x", "capacity": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
