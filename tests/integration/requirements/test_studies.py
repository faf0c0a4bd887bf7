"""Studies: who takes part, what comes in answer, and findings that rest on words."""

from typing import Any
from uuid import uuid4

import httpx

from services.requirements.studies.routes import AN_ANSWER, WHY_THEY_EXPORT
from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.test_customers import made


async def test_answers_are_feedback_of_the_study(api: httpx.AsyncClient) -> None:
    study = await made(api, "/v1/studies", WHY_THEY_EXPORT)
    path = f"/v1/studies/{study['id']}/responses"
    answer = await made(api, path, AN_ANSWER | {"external_id": "i1"})
    assert answer["channel"] == "interview"
    assert (await api.get(f"/v1/feedback/{answer['id']}")).json() == answer
    assert (await api.post(path, json=AN_ANSWER | {"external_id": "i1"})).status_code == 409
    assert (await made(api, path, AN_ANSWER | {"channel": "sales"}))["channel"] == "sales"
    await made(api, "/v1/feedback", {"text": "Something else"})
    assert len((await api.get(path)).json()["items"]) == 2
    assert (await api.get(f"/v1/studies/{study['id']}")).json()["responses"] == 2
    (listed,) = (await api.get("/v1/studies", params={"method": "interview"})).json()["items"]
    assert (listed["responses"], listed["participants"]) == (2, 0)
    assert (await api.post(f"/v1/studies/{uuid4()}/responses", json=AN_ANSWER)).status_code == 404


async def test_findings_quote_what_stands_there(api: httpx.AsyncClient, caller: Caller) -> None:
    study = await made(api, "/v1/studies", WHY_THEY_EXPORT)
    answer = await made(api, f"/v1/studies/{study['id']}/responses", AN_ANSWER)
    quote: dict[str, Any] = {"feedback_id": answer["id"], "quote": "the report for my manager"}
    path = f"/v1/studies/{study['id']}/findings"
    finding = await made(api, path, {"statement": "It ends in a report.", "quotes": [quote]})
    (cited,) = finding["quotes"]
    assert AN_ANSWER["text"][cited["start"] : cited["end"]] == cited["quote"] == quote["quote"]
    wrong = [quote | {"quote": "never said"}, quote | {"feedback_id": str(uuid4())}]
    refused = await api.post(path, json={"statement": "x", "quotes": wrong})
    pointers = [each["pointer"] for each in refused.json()["errors"]]
    assert (refused.status_code, pointers) == (422, ["/quotes/0/quote", "/quotes/1/feedback_id"])
    held = await api.delete(f"/v1/feedback/{answer['id']}", headers={"If-Match": "*"})
    assert (held.status_code, held.json()["code"]) == (409, "still_referenced")
    changed = await api.patch(
        f"{path}/{finding['id']}", json={"quotes": [quote | {"quote": "the numbers"}]}, headers={"If-Match": "*"}
    )
    assert changed.json()["quotes"][0]["quote"] == "the numbers"
    assert changed.json()["etag"] != finding["etag"]
    subject = (await api.get(f"/internal/personal-data/subjects/{answer['contact_id']}")).json()
    assert (await api.post("/internal/personal-data/erase", json=subject)).status_code == 200
    (gone,) = (await api.get(f"{path}/{finding['id']}")).json()["quotes"]
    assert gone["quote"] == "[erased]"
    assert (await caller(workspace_id=uuid4()).get(f"{path}/{finding['id']}")).status_code == 404
    assert (await api.delete(f"/v1/studies/{study['id']}", headers={"If-Match": "*"})).status_code == 204
    assert (await api.get(f"/v1/feedback/{answer['id']}")).status_code == 200


async def test_who_takes_part_does_so_once_also_when_merged(api: httpx.AsyncClient) -> None:
    study = await made(api, "/v1/studies", WHY_THEY_EXPORT)
    path = f"/v1/studies/{study['id']}/participants"
    one, two = [(await made(api, "/v1/contacts", {"email": f"{name}@example.com"}))["id"] for name in "ab"]
    await made(api, path, {"contact_id": one})
    await made(api, path, {"contact_id": two})
    assert (await api.post(path, json={"contact_id": one})).status_code == 409
    assert (await api.post(path, json={"contact_id": str(uuid4())})).status_code == 422
    merge = await made(api, "/v1/customer-merges", {"subject": "contact", "kept_id": one, "merged_id": two})
    assert "study_participant.contact_id" not in merge["moved"]
    assert (await api.post(path, json={"contact_id": two})).status_code == 409


async def test_a_study_ends_after_it_starts(api: httpx.AsyncClient) -> None:
    study = await made(api, "/v1/studies", WHY_THEY_EXPORT)
    refused = await api.patch(
        f"/v1/studies/{study['id']}", json={"ends_on": "2026-01-01"}, headers={"If-Match": study["etag"]}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/ends_on")
    assert (await api.post("/v1/studies", json=WHY_THEY_EXPORT | {"ends_on": "2026-01-01"})).status_code == 422
