"""Requirements: evidence that stands where it says, a life with rules, rankings that explain themselves."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from services.chassis.feed_handlers import Handlers
from services.chassis.feed_sources import RawEvent
from services.requirements.app import metrics_handlers, roadmap_handlers
from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.feeds import deliver, news

SAID = "The export fails. Each Monday the export fails, and I lose an hour."
ESTIMATES = {"reach": {"low": 100, "likely": 400, "high": 900}, "impact": 2, "confidence": 0.8, "effort": 2}


async def say(api: httpx.AsyncClient, text: str = SAID) -> str:
    answer = await api.post("/v1/feedback", json={"text": text})
    feedback_id: str = answer.json()["id"]
    return feedback_id


async def need(api: httpx.AsyncClient, title: str = "Exports that arrive", **more: Any) -> dict[str, Any]:
    answer = await api.post("/v1/requirements", json={"title": title, **more})
    assert answer.status_code == 201, answer.text
    requirement: dict[str, Any] = answer.json()
    return requirement


async def test_a_requirement_with_its_evidence_in_one_call(api: httpx.AsyncClient) -> None:
    feedback_id = await say(api)
    requirement = await need(
        api, estimates=ESTIMATES, evidence=[{"feedback_id": feedback_id, "quote": "I lose an hour", "strength": 2}]
    )
    assert (requirement["status"], requirement["evidence_count"]) == ("draft", 1)
    assert requirement["estimates"]["impact"] == {"low": 2, "likely": 2, "high": 2}
    (quote,) = (await api.get(f"/v1/requirements/{requirement['id']}/evidence")).json()["items"]
    assert SAID[quote["start"] : quote["end"]] == quote["quote"] == "I lose an hour"
    assert (quote["strength"], quote["judged_by"]) == (2, "key:test")
    assert (await api.get(f"/v1/requirements/{requirement['id']}")).json() == requirement


async def test_words_that_nobody_said_are_refused_all_at_once(api: httpx.AsyncClient) -> None:
    feedback_id = await say(api)
    quotes = [
        {"feedback_id": feedback_id, "quote": "I am happy"},
        {"feedback_id": feedback_id, "quote": "the export fails"},
        {"feedback_id": feedback_id, "quote": "export fails"},
    ]
    answer = await api.post("/v1/requirements", json={"title": "x", "evidence": quotes})
    assert (answer.status_code, answer.json()["code"]) == (422, "quote_not_found")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/evidence/0/quote", "/evidence/2/quote"]
    unknown = [{"feedback_id": str(uuid4()), "quote": "x"}]
    answer = await api.post("/v1/requirements", json={"title": "x", "evidence": unknown})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")


async def test_another_workspace_s_feedback_cannot_be_quoted(api: httpx.AsyncClient, caller: Caller) -> None:
    theirs = await say(caller(workspace_id=uuid4()))
    answer = await api.post(
        "/v1/requirements", json={"title": "x", "evidence": [{"feedback_id": theirs, "quote": "export"}]}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")


async def test_quoted_feedback_stays_until_the_evidence_goes(api: httpx.AsyncClient) -> None:
    feedback_id = await say(api)
    requirement = await need(api)
    added = await api.post(
        f"/v1/requirements/{requirement['id']}/evidence", json={"feedback_id": feedback_id, "quote": "I lose an hour"}
    )
    assert added.status_code == 201, added.text
    assert (await api.get(added.headers["location"])).json() == added.json()
    refused = await api.delete(f"/v1/feedback/{feedback_id}", headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "still_referenced")
    assert (await api.delete(added.headers["location"], headers={"If-Match": added.headers["etag"]})).status_code == 204
    after = (await api.get(f"/v1/requirements/{requirement['id']}")).json()
    assert (after["evidence_count"], after["etag"]) == (0, '"3"')
    assert (await api.delete(f"/v1/feedback/{feedback_id}", headers={"If-Match": "*"})).status_code == 204


async def test_estimates_are_merged(api: httpx.AsyncClient) -> None:
    requirement = await need(api, estimates=ESTIMATES)
    change = {"estimates": {"effort": None, "confidence": 0.5}}
    changed = await api.patch(f"/v1/requirements/{requirement['id']}", json=change, headers={"If-Match": '"1"'})
    estimates = changed.json()["estimates"]
    assert (estimates["effort"], estimates["confidence"]["likely"], estimates["reach"]["high"]) == (None, 0.5, 900)
    wrong = {"estimates": {"reach": {"low": 5, "likely": 1, "high": 2}}}
    assert (
        await api.patch(f"/v1/requirements/{requirement['id']}", json=wrong, headers={"If-Match": "*"})
    ).status_code == 422


async def test_a_life_has_its_rules(api: httpx.AsyncClient) -> None:
    address = f"/v1/requirements/{(await need(api))['id']}/transitions"
    skipped = await api.post(address, json={"to": "measured"})
    assert (skipped.status_code, skipped.json()["code"]) == (409, "transition_refused")
    assert (await api.post(address, json={"to": "declined"})).status_code == 409
    declined = await api.post(address, json={"to": "declined", "reason": "Not ours"})
    assert (declined.json()["status"], declined.json()["status_reason"]) == ("declined", "Not ours")


async def test_a_ranking_explains_itself_and_stays(api: httpx.AsyncClient) -> None:
    rivals = {
        "big": ESTIMATES,
        "small": ESTIMATES | {"reach": 50},
        "middle": ESTIMATES | {"effort": {"low": 2, "likely": 3, "high": 8}},
    }
    ids = {(await need(api, title, estimates=given))["id"]: title for title, given in rivals.items()}
    await need(api, "not estimated")
    made = await api.post("/v1/prioritizations", json={"name": "Spring", "top": 1})
    assert made.status_code == 201, made.text
    ranking = made.json()["ranking"]
    assert [ids[line["requirement_id"]] for line in ranking] == ["big", "middle", "small"]
    assert ranking[0]["score"] == 320
    for line in ranking:
        parts = [Decimal(repr(part)) for part in (line["reference_score"], *line["contributions"].values())]
        assert sum(parts) == Decimal(repr(float(line["score"])))
        assert line["score_low"] <= line["score"] <= line["score_high"]
        assert 0 <= line["p_top"] <= 1
    assert ranking[0]["swap_with_above"] is None
    swap = ranking[1]["swap_with_above"]
    assert swap["requirement_id"] in ids
    assert 0 < swap["relative_change"] < 1
    await api.patch(
        f"/v1/requirements/{ranking[0]['requirement_id']}", json={"estimates": {"reach": 1}}, headers={"If-Match": "*"}
    )
    again = await api.get(made.headers["location"])
    assert again.json() == made.json()
    listed = (await api.get("/v1/prioritizations")).json()["items"]
    assert [(each["id"], "ranking" in each) for each in listed] == [(made.json()["id"], False)]


async def test_the_same_seed_gives_the_same_intervals(api: httpx.AsyncClient) -> None:
    await need(api, estimates=ESTIMATES)
    first, again, other = [
        (await api.post("/v1/prioritizations", json={"name": "x", "seed": seed})).json()["ranking"]
        for seed in (1, 1, 2)
    ]
    assert first == again
    assert first[0]["score_low"] != other[0]["score_low"]


async def test_what_cannot_be_ranked_is_named(api: httpx.AsyncClient) -> None:
    nothing = await api.post("/v1/prioritizations", json={"name": "x"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_to_rank")
    bare = (await need(api))["id"]
    named = await api.post("/v1/prioritizations", json={"name": "x", "requirement_ids": [bare]})
    assert named.status_code == 422
    assert bare in named.json()["errors"][0]["detail"]
    unknown = await api.post("/v1/prioritizations", json={"name": "x", "requirement_ids": [str(uuid4())]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_reference")


async def test_the_roadmap_and_the_metrics_move_it(api: httpx.AsyncClient, app: FastAPI, workspace: UUID) -> None:
    requirement = await need(api)
    feature, outcome = uuid4(), uuid4()

    def feature_news(kind: str, status: str, version: int) -> RawEvent:
        data = {"status": status, "requirement_ids": [requirement["id"]]}
        return news(kind, workspace, subject_type="feature", subject_id=feature, version=version, data=data)

    async def status_after(handlers: Handlers, *events: RawEvent) -> str:
        await deliver(app, handlers, events)
        status: str = (await api.get(f"/v1/requirements/{requirement['id']}")).json()["status"]
        return status

    roadmap, metrics = roadmap_handlers(), metrics_handlers()
    assert await status_after(roadmap, feature_news("feature.created", "proposed", 1)) == "draft"
    assert await status_after(roadmap, feature_news("feature.status_changed", "planned", 2)) == "committed"
    measured = {"feature_id": str(feature), "kpi_id": str(uuid4()), "verdict": "improved", "requirement_ids": []}
    verdict = news("outcome.measured", workspace, subject_type="outcome", subject_id=outcome, version=2, data=measured)
    early = news(
        "outcome.measured",
        workspace,
        subject_type="outcome",
        subject_id=uuid4(),
        version=1,
        data=measured | {"verdict": None},
    )
    assert await status_after(metrics, early) == "committed"
    assert await status_after(roadmap, feature_news("feature.shipped", "shipped", 4)) == "shipped"
    assert await status_after(roadmap, feature_news("feature.status_changed", "in_progress", 3)) == "shipped"
    assert await status_after(metrics, verdict) == "measured"
    assert await status_after(roadmap, feature_news("feature.updated", "shipped", 5)) == "measured"


async def test_a_verdict_that_comes_before_the_release_is_not_lost(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID
) -> None:
    requirement, feature = await need(api), uuid4()
    measured = {"feature_id": str(feature), "verdict": "no_effect"}
    verdict = news("outcome.measured", workspace, subject_type="outcome", subject_id=uuid4(), version=2, data=measured)
    shipped = {"status": "shipped", "requirement_ids": [requirement["id"]]}
    release = news("feature.shipped", workspace, subject_type="feature", subject_id=feature, version=4, data=shipped)
    await deliver(app, metrics_handlers(), [verdict])
    await deliver(app, roadmap_handlers(), [release])
    assert (await api.get(f"/v1/requirements/{requirement['id']}")).json()["status"] == "measured"


async def test_the_trace_goes_both_ways(api: httpx.AsyncClient) -> None:
    feedback_id = await say(api)
    requirement = await need(api, evidence=[{"feedback_id": feedback_id, "quote": "I lose an hour"}])
    for asked in (feedback_id, requirement["id"]):
        fragment = (await api.post("/internal/trace", json={"ids": [asked]})).json()
        assert [(each["from"], each["to"], each["kind"]) for each in fragment["edges"]] == [
            (feedback_id, requirement["id"], "supports")
        ]
        assert [node["id"] for node in fragment["nodes"]] == [asked]
    both = (await api.post("/internal/trace", json={"ids": [feedback_id, requirement["id"]]})).json()
    assert {node["label"] for node in both["nodes"]} == {"I lose an hour", "Exports that arrive"}


async def test_changes_reach_a_copy(api: httpx.AsyncClient) -> None:
    first = (await api.get("/v1/requirements")).json()
    requirement = await need(api)
    await api.get("/internal/feed")
    changed = (await api.get("/v1/requirements", params={"sync_token": first["sync_token"]})).json()
    assert [each["id"] for each in changed["items"]] == [requirement["id"]]


async def test_the_snapshot_tells_what_stands(api: httpx.AsyncClient) -> None:
    requirement = await need(api)
    kept, merged = [(await api.post("/v1/companies", json={"domain": f"{each}.example"})).json()["id"] for each in "ab"]
    merge = {"subject": "company", "kept_id": kept, "merged_id": merged}
    before = (await api.get("/internal/feed", params={"limit": 1})).headers["feed-head"]
    assert (await api.post("/v1/customer-merges", json=merge)).status_code == 201
    told = (await api.get("/internal/feed", params={"after": before})).json()
    assert {"merged_into_id": kept} in [each["data"] for each in told if each["subject"] == merged]
    items, cursor = [], None
    while True:
        page = (
            await api.get("/internal/snapshot", params={"limit": 1000} | ({"cursor": cursor} if cursor else {}))
        ).json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    mine = [each for each in items if each["subject"] == requirement["id"]]
    assert [(each["type"], each["data"]["status"]) for each in mine] == [("requirement.updated", "draft")]
    assert "Exports" not in str(mine)
    companies = {each["subject"]: each["data"]["merged_into_id"] for each in items if each["type"] == "company.updated"}
    assert (companies[kept], companies[merged]) == (None, kept)
