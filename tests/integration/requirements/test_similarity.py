"""What is asked for already is found, suggested, decided on by people, and every decision can be taken back."""

import random
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.chassis.following import Following
from services.requirements.similarity import consumers
from tests.integration.requirements.test_themes import DARK, EXPORT, LOGIN, say
from tests.postgres import DatabaseAddress

STATE = {
    "requirement": "SELECT to_jsonb(r) - 'version' - 'updated_at' AS row FROM requirement r WHERE workspace_id = $1",
    "evidence": "SELECT to_jsonb(e) - 'version' - 'updated_at' AS row FROM evidence e WHERE workspace_id = $1",
    "requirement_word": "SELECT to_jsonb(w) AS row FROM requirement_word w WHERE workspace_id = $1",
    "requirement_meaning": "SELECT to_jsonb(m) AS row FROM requirement_meaning m WHERE workspace_id = $1",
}


async def settle(following: Following) -> None:
    await following.consumer("after_intake").catch_up()


async def requirement(api: httpx.AsyncClient, title: str, feedback_ids: list[str], texts: tuple[str, ...]) -> str:
    quotes = [{"feedback_id": each, "quote": text} for each, text in zip(feedback_ids, texts, strict=True)]
    made = await api.post("/v1/requirements", json={"title": title, "evidence": quotes})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def three_requirements(api: httpx.AsyncClient) -> dict[str, str]:
    """Each rests on the first four of its sentences."""
    made = {}
    for name, title, texts in (
        ("export", "Exports that arrive", EXPORT[:4]),
        ("dark", "A dark theme", DARK[:4]),
        ("login", "Signing in works", LOGIN[:4]),
    ):
        made[name] = await requirement(api, title, await say(api, *texts), texts)
    return made


async def state(database: DatabaseAddress, workspace: UUID) -> dict[str, list[str]]:
    """Every row that a merge could touch, but for the counters of its changes."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return {
            name: sorted(row["row"] for row in await connection.fetch(query, workspace))
            for name, query in STATE.items()
        }
    finally:
        await connection.close()


async def suggestions(api: httpx.AsyncClient, **filters: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get("/v1/suggestions", params=filters)).json()["items"]
    return items


async def test_a_question_finds_what_is_asked_for_already(api: httpx.AsyncClient, following: Following) -> None:
    made = await three_requirements(api)
    await settle(following)
    answer = await api.post("/v1/feedback/similar", json={"text": "csv export breaks every week", "limit": 2})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["requirements"][0]["requirement_id"] == made["export"]
    assert len(found["requirements"]) == len(found["feedback"]) == 2
    first, second = found["requirements"]
    assert first["probability"] > 0.5 > second["probability"]
    assert found["feedback"][0]["text"] in EXPORT
    assert found["calibrator"] == "shipped-1"
    empty = (await api.post("/v1/feedback/similar", json={"text": "¿?"})).json()
    assert all(each["likeness"]["words"] == 0 for each in empty["requirements"])
    for body in ({}, {"text": ""}, {"text": "a\x00"}, {"text": "x", "limit": 0}, {"text": "x", "limit": 51}):
        assert (await api.post("/v1/feedback/similar", json=body)).status_code == 422


async def test_words_alone_find_what_no_meaning_shows(api: httpx.AsyncClient, following: Following) -> None:
    (odd,) = await say(api, "Kerfuffle with the quuxifier's back\\slash 'quote'")
    await requirement(api, "Quuxifier", [odd], ("Kerfuffle with the quuxifier's back\\slash 'quote'",))
    await three_requirements(api)
    await settle(following)
    found = (await api.post("/v1/feedback/similar", json={"text": "'quote' back\\slash quuxifier & | ! ("})).json()
    assert found["requirements"][0]["title"] == "Quuxifier"
    assert found["requirements"][0]["likeness"]["words"] > 0.5


async def test_new_feedback_is_suggested_and_a_person_decides(api: httpx.AsyncClient, following: Following) -> None:
    made = await three_requirements(api)
    await settle(following)
    assert await suggestions(api) == [], "what a requirement quotes is not suggested to it"
    said = await say(api, "CSV exports are failing on Monday again", "I want a dark mode for the night", "What is VAT?")
    await settle(following)
    by_feedback = {each["feedback_id"]: each for each in await suggestions(api, status="open")}
    assert by_feedback[said[0]]["requirement_id"] == made["export"]
    assert by_feedback[said[1]]["requirement_id"] == made["dark"]
    assert said[2] not in by_feedback
    before = (await api.get(f"/v1/requirements/{made['export']}")).json()

    path = f"/v1/suggestions/{by_feedback[said[0]]['id']}"
    accepted = (await api.post(f"{path}/accept", json={})).json()
    assert (accepted["status"], accepted["decided_by"]) == ("accepted", "key:test")
    evidence = (await api.get(f"/v1/requirements/{made['export']}/evidence/{accepted['evidence_id']}")).json()
    assert (evidence["feedback_id"], evidence["strength"]) == (said[0], 2)
    assert (await api.post(f"{path}/accept", json={})).json()["code"] == "already_decided"
    reopened = (await api.post(f"{path}/reopen")).json()
    assert (reopened["status"], reopened["evidence_id"], reopened["decided_by"]) == ("open", None, None)
    after = (await api.get(f"/v1/requirements/{made['export']}")).json()
    assert {**after, "etag": 0, "updated_at": 0} == {**before, "etag": 0, "updated_at": 0}
    assert (await api.post(f"{path}/reopen")).status_code == 409

    path = f"/v1/suggestions/{by_feedback[said[1]]['id']}"
    assert (await api.post(f"{path}/dismiss", json={"reason": "Another app"})).json()["reason"] == "Another app"
    twice = {"feedback_id": said[1], "requirement_id": made["dark"]}
    assert (await api.post("/v1/suggestions", json=twice)).json()["code"] == "already_exists"
    mine = await api.post("/v1/suggestions", json={"feedback_id": said[2], "requirement_id": made["dark"]})
    assert mine.status_code == 201
    assert mine.json()["probability"] < 0.5
    nobody = {"feedback_id": made["dark"], "requirement_id": said[2]}
    refused = (await api.post("/v1/suggestions", json=nobody)).json()
    assert [each["pointer"] for each in refused["errors"]] == ["/feedback_id", "/requirement_id"]


async def test_corrected_words_take_their_suggestion_back(api: httpx.AsyncClient, following: Following) -> None:
    await three_requirements(api)
    (said,) = await say(api, "CSV exports are failing on Monday again")
    await settle(following)
    assert len(await suggestions(api)) == 1
    await api.patch(f"/v1/feedback/{said}", json={"text": "What is VAT?"}, headers={"If-Match": "*"})
    await settle(following)
    assert await suggestions(api) == []


async def test_decisions_teach_the_workspace_its_own_calibrator(
    api: httpx.AsyncClient, following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "ENOUGH", 6)
    monkeypatch.setattr(consumers, "EITHER", 2)
    made = await three_requirements(api)
    await settle(following)
    assert (await api.get("/v1/suggestion-calibrator")).json()["decisions"] == 0
    said = await say(api, *EXPORT[4:8], *LOGIN[4:8])
    await settle(following)
    asked = {"text": "Export to CSV is broken"}
    before = (await api.post("/v1/feedback/similar", json=asked)).json()["requirements"][0]["probability"]
    known = {each["feedback_id"]: each["id"] for each in await suggestions(api, requirement_id=made["export"])}
    for each in said:
        if each not in known:
            answer = await api.post("/v1/suggestions", json={"feedback_id": each, "requirement_id": made["export"]})
            known[each] = answer.json()["id"]
    for place, each in enumerate(said):
        verb = "dismiss" if place < 4 else "accept"  # against all likeness: what it learns must show
        assert (await api.post(f"/v1/suggestions/{known[each]}/{verb}", json={})).status_code == 200
    await settle(following)
    calibrator = (await api.get("/v1/suggestion-calibrator")).json()
    assert (calibrator["name"], calibrator["decisions"]) == ("workspace-8", 8)
    after = (await api.post("/v1/feedback/similar", json=asked)).json()
    assert after["calibrator"] == "workspace-8"
    own = {each["requirement_id"]: each["probability"] for each in after["requirements"]}
    assert own[made["export"]] < before


async def test_a_merge_moves_quotes_and_says_so(api: httpx.AsyncClient, following: Following) -> None:
    made = await three_requirements(api)
    await settle(following)
    body = {"requirement_id": made["export"], "merged_requirement_id": made["login"]}
    merge = await api.post("/v1/merges", json=body)
    assert merge.status_code == 201, merge.text
    await settle(following)
    kept, merged = [(await api.get(f"/v1/requirements/{made[name]}")).json() for name in ("export", "login")]
    assert (kept["evidence_count"], merged["evidence_count"]) == (8, 0)
    assert merged["merged_into_id"] == made["export"]
    found = (await api.post("/v1/feedback/similar", json={"text": LOGIN[0]})).json()["requirements"]
    assert found[0]["requirement_id"] == made["export"]
    assert made["login"] not in {each["requirement_id"] for each in found}
    assert (await api.post("/v1/merges", json=body)).json()["code"] == "already_merged"
    same = {"requirement_id": made["dark"], "merged_requirement_id": made["dark"]}
    assert (await api.post("/v1/merges", json=same)).status_code == 422
    undone = await api.post(f"/v1/merges/{merge.json()['id']}/undo")
    assert undone.json()["undone_by"] == "key:test"
    assert (await api.post(f"/v1/merges/{merge.json()['id']}/undo")).json()["code"] == "already_undone"
    listed = (await api.get("/v1/merges", params={"requirement_id": made["login"]})).json()["items"]
    assert [each["id"] for each in listed] == [merge.json()["id"]]


@pytest.mark.parametrize("seed", range(6))
async def test_undone_merges_leave_nothing_behind(
    api: httpx.AsyncClient, following: Following, database: DatabaseAddress, workspace: UUID, seed: int
) -> None:
    """The law: whatever was merged, in whatever order it is undone, every row is what it was."""
    chance = random.Random(seed)
    made = []
    for number in range(5):
        texts = tuple(
            f"Wish {number}, {place}: {chance.choice(EXPORT + DARK)}" for place in range(chance.randint(0, 3))
        )
        made.append(await requirement(api, f"Requirement {number}", await say(api, *texts), texts))
    await settle(following)
    before = await state(database, workspace)
    merges: list[str] = []
    made_any = False
    for _ in range(8):
        kept, merged = chance.sample(made, 2)
        answer = await api.post("/v1/merges", json={"requirement_id": kept, "merged_requirement_id": merged})
        assert answer.status_code in {201, 409}
        if answer.status_code == 201:
            merges.append(answer.json()["id"])
            made_any = True
        if merges and chance.random() < 0.2:
            undone = merges.pop(chance.randrange(len(merges)))
            assert (await api.post(f"/v1/merges/{undone}/undo")).status_code == 200
    assert made_any
    chance.shuffle(merges)
    for each in merges:
        assert (await api.post(f"/v1/merges/{each}/undo")).status_code == 200
    await settle(following)
    assert await state(database, workspace) == before
