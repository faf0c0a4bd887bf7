"""Rankings by every method, on one person's or several people's estimates, and compared with one another."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.statements import counted_statements
from tests.integration.requirements.test_backlog import need, say

RANGES = {"reach": {"low": 100, "likely": 400, "high": 900}, "impact": 2, "confidence": 0.8, "effort": 2}
RATINGS = {"impact_rating": 8, "confidence_rating": 6, "ease_rating": {"low": 2, "likely": 4, "high": 7}}
JOBS = {
    "business_value": 8,
    "time_criticality": {"low": 3, "likely": 5, "high": 13},
    "risk_reduction": 1,
    "job_size": 5,
}
ALL: dict[str, Any] = {**RANGES, **RATINGS, **JOBS, "value": 50, "moscow": "should"}
DRIVERS = [
    {"name": "Reach", "input": "reach", "weight": 3},
    {"name": "Little work", "input": "effort", "weight": 1, "direction": "less"},
    {"name": "Proof", "input": "evidence_strength", "weight": 2, "scale": {"worst": 0, "best": 9}},
]


async def rank(api: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
    answer = await api.post("/v1/prioritizations", json={"name": "Spring", **wanted})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def answer_kano(api: httpx.AsyncClient, requirement_id: str, *pairs: tuple[str, str, int | None]) -> None:
    for functional, dysfunctional, importance in pairs:
        body = {"functional": functional, "dysfunctional": dysfunctional, "importance": importance}
        answer = await api.post(f"/v1/requirements/{requirement_id}/kano-answers", json=body)
        assert answer.status_code == 201, answer.text


def adds_up(score: float, start: float, contributions: Mapping[str, float]) -> bool:
    return sum(Decimal(repr(float(part))) for part in (start, *contributions.values())) == Decimal(repr(float(score)))


@pytest.mark.parametrize("method", ["rice", "ice", "wsjf", "value_effort", "moscow", "kano", "weighted"])
async def test_every_method_ranks_explains_and_turns(api: httpx.AsyncClient, method: str) -> None:
    feedback_id = await say(api)
    strong = await need(
        api,
        "strong",
        estimates=ALL | {"reach": 900, "ease_rating": 9, "business_value": 20, "value": 90, "moscow": "must"},
        evidence=[{"feedback_id": feedback_id, "quote": "I lose an hour", "strength": 3}],
    )
    weak = await need(api, "weak", estimates=ALL)
    await answer_kano(api, strong["id"], ("like", "dislike", 9), ("neutral", "dislike", 7))
    await answer_kano(api, weak["id"], ("like", "neutral", 4), ("neutral", "neutral", None))
    ids = [weak["id"], strong["id"]]
    drivers = {"drivers": DRIVERS} if method == "weighted" else {}
    made = await rank(api, method=method, requirement_ids=ids, top=1, **drivers)
    assert [line["title"] for line in made["ranking"]] == ["strong", "weak"]
    for line in made["ranking"]:
        assert adds_up(line["score"], line["reference_score"], line["contributions"])
        assert line["score_low"] <= line["score_high"]
    swap = made["ranking"][1]["swap_with_above"]
    assert swap["requirement_id"] in (None, *ids)
    asked = await api.get(f"/v1/prioritizations/{made['id']}/swap")
    assert asked.json() == {"upper_id": strong["id"], "lower_id": weak["id"], "swap": swap}
    assert (await api.get(f"/v1/prioritizations/{made['id']}")).json() == made


async def test_two_requirements_that_no_ranking_has_cannot_be_turned(api: httpx.AsyncClient) -> None:
    first = (await need(api, estimates=RANGES | {"reach": 2}))["id"]
    second = (await need(api, estimates=RANGES | {"reach": 1}))["id"]
    made = await rank(api)
    address = f"/v1/prioritizations/{made['id']}/swap"
    stranger = await api.get(address, params={"upper_id": str(uuid4())})
    assert (stranger.status_code, stranger.json()["errors"][0]["pointer"]) == (422, "query/upper_id")
    reversed_ = await api.get(address, params={"upper_id": second, "lower_id": first})
    assert (reversed_.status_code, reversed_.json()["errors"][0]["code"]) == (422, "order")


async def test_people_are_kept_apart_and_their_disagreement_is_told(api: httpx.AsyncClient) -> None:
    agreed = await need(api, "agreed", estimates=RANGES)
    disputed = await need(api, "disputed", estimates=RANGES)
    for estimator, reach in (("Ada", 100), ("Grace", 700)):
        answer = await api.post(
            f"/v1/requirements/{disputed['id']}/estimates",
            json={"estimator": estimator, "estimates": {"reach": reach}, "reason": "A look at the logs"},
        )
        assert answer.status_code == 201, answer.text
        assert (await api.get(answer.headers["location"])).json() == answer.json()
    made = await rank(api, estimates_from="pooled")
    line = next(line for line in made["ranking"] if line["title"] == "disputed")
    assert line["inputs"]["reach"] == 400
    assert line["disagreement"] == {"reach": {"people": 2, "lowest": 100, "highest": 700}}
    assert line["ranks_by_person"] == {"Ada": 2, "Grace": 1}
    assert made["concordance"] == 0
    calm = next(line for line in made["ranking"] if line["title"] == "agreed")
    assert (calm["disagreement"], calm["requirement_id"]) == ({}, agreed["id"])
    alone = await rank(api)
    assert (alone["concordance"], alone["ranking"][0]["disagreement"]) == (None, {})


async def test_each_person_estimates_once_and_may_think_again(api: httpx.AsyncClient) -> None:
    requirement = await need(api)
    address = f"/v1/requirements/{requirement['id']}/estimates"
    body = {"estimates": {"effort_by_skill": {"design": 1, "backend": {"low": 1, "likely": 2, "high": 4}}}}
    made = await api.post(address, json=body)
    assert (made.status_code, made.json()["estimator"]) == (201, "key:test")
    assert (await api.post(address, json=body)).json()["code"] == "already_exists"
    changed = await api.patch(
        made.headers["location"],
        json={"estimates": {"effort_by_skill": {"design": None, "data": 3}}, "reason": "No new screens"},
        headers={"If-Match": made.headers["etag"]},
    )
    assert changed.status_code == 200, changed.text
    assert sorted(changed.json()["estimates"]["effort_by_skill"]) == ["backend", "data"]
    stale = await api.delete(made.headers["location"], headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412
    assert (await api.delete(made.headers["location"], headers={"If-Match": "*"})).status_code == 204
    assert (await api.get(address)).json()["items"] == []


async def test_effort_is_the_sum_of_skills_where_it_is_not_given(api: httpx.AsyncClient) -> None:
    skills = {"design": {"low": 1, "likely": 1, "high": 2}, "backend": 3}
    await need(api, estimates={"reach": 8, "impact": 1, "confidence": 1, "effort_by_skill": skills})
    (line,) = (await rank(api))["ranking"]
    assert (line["inputs"]["effort"], line["score"]) == (4, 2)


async def test_estimates_that_cannot_be_are_named_after_a_merge(api: httpx.AsyncClient) -> None:
    requirement = await need(api, estimates={"effort_by_skill": {"design": 1}})
    answer = await api.patch(
        f"/v1/requirements/{requirement['id']}",
        json={"estimates": {"effort_by_skill": {"design": 0}}},
        headers={"If-Match": "*"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/estimates")


async def test_kano_tells_what_customers_make_of_it(api: httpx.AsyncClient) -> None:
    requirement = await need(api)
    address = f"/v1/requirements/{requirement['id']}"
    assert (await api.get(f"{address}/kano")).json()["category"] is None
    await answer_kano(api, requirement["id"], ("like", "dislike", 9), ("like", "dislike", 7), ("like", "neutral", 2))
    told = (await api.get(f"{address}/kano")).json()
    assert (told["answers"], told["category"], told["counts"]["attractive"]) == (3, "one_dimensional", 1)
    assert told["better"] == {"likely": 1, "low": 1, "high": 1}
    assert told["worse"]["likely"] == pytest.approx(2 / 3)
    assert told["worse"]["low"] < told["worse"]["likely"] < told["worse"]["high"]
    (first, *_) = (await api.get(f"{address}/kano-answers")).json()["items"]
    assert first["quality"] == "attractive"
    assert (await api.get(f"{address}/kano-answers/{first['id']}")).json() == first
    gone = await api.delete(f"{address}/kano-answers/{first['id']}", headers={"If-Match": first["etag"]})
    assert gone.status_code == 204
    assert (await api.get(f"{address}/kano")).json()["answers"] == 2


async def test_a_contact_answers_once(api: httpx.AsyncClient, caller: Caller) -> None:
    requirement = await need(api)
    said = await api.post("/v1/feedback", json={"text": "x", "contact": {"email": "grace@example.com"}})
    contact = said.json()["contact_id"]
    address = f"/v1/requirements/{requirement['id']}/kano-answers"
    body = {"functional": "like", "dysfunctional": "neutral", "contact_id": contact}
    assert (await api.post(address, json=body)).status_code == 201
    assert (await api.post(address, json=body)).json()["code"] == "already_exists"
    stranger = await api.post(address, json=body | {"contact_id": str(uuid4())})
    assert (stranger.status_code, stranger.json()["code"]) == (422, "unknown_reference")
    assert (await caller(workspace_id=uuid4()).get(address)).status_code == 404


async def test_what_moved_and_why(api: httpx.AsyncClient) -> None:
    riser = await need(api, "riser", estimates=RANGES | {"reach": 10})
    faller = await need(api, "faller", estimates=RANGES | {"reach": 500})
    leaver = await need(api, "leaver", estimates=RANGES | {"reach": 900})
    earlier = await rank(api)
    first = (await api.get(f"/v1/prioritizations/{earlier['id']}/comparison")).json()
    assert first["earlier_id"] is None
    assert {move["earlier_rank"] for move in first["moves"]} == {None}
    await api.patch(
        f"/v1/requirements/{riser['id']}", json={"estimates": {"reach": 800, "effort": 1}}, headers={"If-Match": "*"}
    )
    await api.post(f"/v1/requirements/{leaver['id']}/transitions", json={"to": "declined", "reason": "No"})
    later = await rank(api)
    told = (await api.get(f"/v1/prioritizations/{later['id']}/comparison")).json()
    assert told["earlier_id"] == earlier["id"]
    moves = {move["title"]: move for move in told["moves"]}
    risen = moves["riser"]
    assert (risen["rank"], risen["earlier_rank"], risen["passed_ids"], risen["left_above"]) == (1, 3, [faller["id"]], 1)
    change = risen["score_change"]
    assert adds_up(change["score"], change["earlier_score"], change["contributions"])
    assert (change["earlier_score"], change["score"]) == (8, 1280)
    assert change["contributions"]["impact"] == 0
    assert "reach" in risen["summary"]
    assert (moves["faller"]["passed_by"], moves["faller"]["left_above"], moves["faller"]["rank"]) == (1, 1, 2)
    assert (moves["leaver"]["rank"], moves["leaver"]["score_change"]) == (None, None)
    unknown = await api.get(f"/v1/prioritizations/{later['id']}/comparison", params={"earlier_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "query/earlier_id")


async def test_other_weights_are_told_apart_from_other_values(api: httpx.AsyncClient) -> None:
    await need(api, "a", estimates=RANGES)
    await need(api, "b", estimates=RANGES | {"reach": 800, "effort": 9})
    earlier = await rank(api, method="weighted", drivers=DRIVERS)
    heavier = [DRIVERS[0] | {"weight": 9}, *DRIVERS[1:]]
    later = await rank(api, method="weighted", drivers=heavier)
    told = (await api.get(f"/v1/prioritizations/{later['id']}/comparison")).json()
    assert told["earlier_id"] == earlier["id"]
    for move in told["moves"]:
        change = move["score_change"]
        assert adds_up(change["score"], change["earlier_score"], change["contributions"])
        assert change["contributions"]["Reach"] == 0
    assert any(move["score_change"]["contributions"]["weight of Reach"] != 0 for move in told["moves"])


async def test_methods_side_by_side_on_the_same_input(api: httpx.AsyncClient) -> None:
    await need(api, "one", estimates=ALL)
    await need(api, "two", estimates=ALL | {"reach": 10, "business_value": 20})
    await need(api, "rice only", estimates=RANGES | {"reach": 5})
    answer = await api.post("/v1/prioritizations/side-by-side", json={"methods": ["rice", "wsjf", "kano"]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["ranked"] == {"rice": 3, "wsjf": 2, "kano": 0}
    places = {line["title"]: line["places"] for line in told["requirements"]}
    assert [places["one"]["rice"]["rank"], places["one"]["wsjf"]["rank"]] == [1, 2]
    assert places["rice only"]["wsjf"] is None
    agreement = {tuple(each["methods"]): each for each in told["agreement"]}
    assert agreement["rice", "wsjf"]["rank_correlation"] == pytest.approx(-1)
    assert (agreement["rice", "kano"]["requirements"], agreement["rice", "kano"]["rank_correlation"]) == (0, None)
    assert (await api.get("/v1/prioritizations")).json()["items"] == []


async def test_drivers_belong_to_the_weighted_method(api: httpx.AsyncClient) -> None:
    for body in (
        {"name": "x", "method": "weighted"},
        {"name": "x", "method": "rice", "drivers": DRIVERS},
        {"name": "x", "method": "weighted", "drivers": [DRIVERS[0], DRIVERS[0]]},
        {"name": "x", "method": "weighted", "drivers": [DRIVERS[0] | {"weight": 0}]},
        {"name": "x", "method": "weighted", "drivers": [DRIVERS[0] | {"input": "gut feeling"}]},
    ):
        assert (await api.post("/v1/prioritizations", json=body)).status_code == 422, body


async def test_more_requirements_take_no_more_statements(api: httpx.AsyncClient, app: FastAPI) -> None:
    """Neither to rank and compare, nor to list what was ranked, said and answered."""

    async def statements() -> list[int]:
        counts = []
        listed = [f"/v1/requirements/{first['id']}/{what}" for what in ("estimates", "kano-answers", "kano")]
        for address in ("/v1/prioritizations", "/v1/requirements", *listed):
            with counted_statements(app) as seen:
                assert (await api.get(address)).status_code == 200
            counts.append(len(seen))
        wanted = {"methods": ["rice", "weighted", "kano"], "drivers": DRIVERS, "estimates_from": "pooled"}
        with counted_statements(app) as seen:
            assert (await api.post("/v1/prioritizations/side-by-side", json=wanted)).status_code == 200
        with counted_statements(app) as made:
            later = await rank(api, method="weighted", drivers=DRIVERS, estimates_from="pooled")
        with counted_statements(app) as compared:
            await api.get(f"/v1/prioritizations/{later['id']}/comparison")
        return [*counts, len(seen), len(made), len(compared)]

    async def add(title: str) -> dict[str, Any]:
        requirement = await need(api, title, estimates=ALL)
        address = f"/v1/requirements/{requirement['id']}"
        await answer_kano(api, requirement["id"], ("like", "dislike", 9))
        await api.post(f"{address}/estimates", json={"estimator": "Ada", "estimates": {"reach": 3}})
        await api.post(f"{address}/estimates", json={"estimator": "Grace", "estimates": {"reach": 5}})
        return requirement

    first = await add("first")
    await rank(api, method="weighted", drivers=DRIVERS)
    before = await statements()
    for number in range(5):
        await add(f"more {number}")
        await answer_kano(api, first["id"], ("like", "neutral", 3))
    assert await statements() == before
