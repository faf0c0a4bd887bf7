"""Feedback with everything that may be known of it: channel, author, rating, attachments, fields of one's own."""

import json
from typing import Any

import httpx
import pytest

from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.test_intake import NDJSON, ndjson, results

FULL: dict[str, Any] = {
    "text": "On the call they asked for exports by region.",
    "source": "crm",
    "external_id": "call-1",
    "occurred_at": "2026-01-26T08:12:00Z",
    "contact": {"email": "grace@example.org"},
    "company": {"domain": "example.org"},
    "author": {"email": "seller@example.com", "name": "Alan Turing"},
    "channel": "sales",
    "source_url": "https://crm.example.com/calls/1",
    "product_area": "exports",
    "importance": 3,
    "rating": {"value": 2, "best": 10},
    "attachments": [{"url": "https://files.example.com/1.wav", "name": "The call", "media_type": "audio/wav"}],
    "custom_fields": {
        "plan_tier": "team",
        "seats": 12,
        "is_pilot": True,
        "regions": ["emea"],
        "renews_on": "2026-09-30",
    },
    "consent": {"purposes": ["follow_up"], "given_at": "2026-01-26T08:12:00Z", "wording": "May we write to you?"},
    "metadata": {"plan": "team"},
}
FIELDS: list[dict[str, Any]] = [
    {"name": "plan_tier", "kind": "choice", "choices": ["free", "team"]},
    {"name": "seats", "kind": "number"},
    {"name": "is_pilot", "kind": "flag"},
    {"name": "regions", "kind": "choices", "choices": ["emea", "apac"]},
    {"name": "renews_on", "kind": "date"},
]


@pytest.fixture
async def declaring(api: httpx.AsyncClient) -> httpx.AsyncClient:
    for field in FIELDS:
        answer = await api.post("/v1/custom-fields", json=field)
        assert answer.status_code == 201, answer.text
    return api


async def test_what_is_answered_is_what_is_read(declaring: httpx.AsyncClient) -> None:
    answer = await declaring.post("/v1/feedback", json=FULL)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (await declaring.get(answer.headers["location"])).json() == made
    for name in ("channel", "source_url", "product_area", "importance", "custom_fields", "consent"):
        assert made[name] == FULL[name], name
    assert (made["rating"], made["attachments"]) == (FULL["rating"], FULL["attachments"])
    author = (await declaring.get(f"/v1/contacts/{made['author_id']}")).json()
    assert (author["name"], author["company_id"]) == ("Alan Turing", None)
    assert made["author_id"] != made["contact_id"]


async def test_the_same_in_bulk_and_by_external_id(declaring: httpx.AsyncClient) -> None:
    single = (await declaring.post("/v1/feedback", json=FULL)).json()
    (line,) = results(await declaring.post("/v1/feedback/bulk", content=ndjson(FULL), headers=NDJSON))
    assert line == {"line": 1, "status": 200, "id": single["id"]}
    content = {name: value for name, value in FULL.items() if name not in {"source", "external_id"}}
    address = "/v1/feedback/by-external-id/crm/call-1"
    same = await declaring.put(address, json=content)
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    other = await declaring.put(address, json=content | {"importance": 1, "rating": None})
    assert (other.headers["etag"], other.json()["importance"], other.json()["rating"]) == ('"2"', 1, None)
    assert (await declaring.get(f"/v1/feedback/{single['id']}")).json() == other.json()


async def test_values_that_no_field_takes_are_named(declaring: httpx.AsyncClient) -> None:
    bad = FULL | {"custom_fields": {"plan_tier": "gold", "mood": "x", "seats": "12"}}
    single = await declaring.post("/v1/feedback", json=bad)
    put = await declaring.put("/v1/feedback/by-external-id/crm/2", json={"text": "x", "custom_fields": {"mood": "x"}})
    lines = results(await declaring.post("/v1/feedback/bulk", content=ndjson({"text": "a"}, bad), headers=NDJSON))
    pointers = ["/custom_fields/plan_tier", "/custom_fields/mood", "/custom_fields/seats"]
    assert (single.status_code, [each["pointer"] for each in single.json()["errors"]]) == (422, pointers)
    assert (put.status_code, put.json()["errors"][0]["pointer"]) == (422, "/custom_fields/mood")
    assert [line["status"] for line in lines] == [201, 422]
    assert (await declaring.get("/v1/feedback", params={"source": "crm"})).json()["items"] == []


async def test_a_patch_merges_values_and_replaces_lists(declaring: httpx.AsyncClient) -> None:
    made = await declaring.post("/v1/feedback", json=FULL)
    change = {
        "custom_fields": {"seats": 13, "regions": None},
        "attachments": [],
        "rating": {"value": 4},
        "consent": None,
        "importance": None,
    }
    changed = await declaring.patch(made.headers["location"], json=change, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    read = (await declaring.get(made.headers["location"])).json()
    assert read == changed.json()
    assert read["custom_fields"] == {"plan_tier": "team", "seats": 13, "is_pilot": True, "renews_on": "2026-09-30"}
    assert (read["attachments"], read["rating"], read["consent"], read["importance"]) == (
        [],
        {"value": 4, "best": 5},
        None,
        None,
    )
    refused = await declaring.patch(
        made.headers["location"], json={"custom_fields": {"seats": "many"}}, headers={"If-Match": '"2"'}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/custom_fields/seats")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"channel": "sales"}, 1),
        ({"channel": "survey"}, 0),
        ({"product_area": "exports"}, 1),
        ({"importance_from": 3}, 1),
        ({"rating_below": 0.3}, 1),
        ({"rating_below": 0.2}, 0),
        ({"custom_field": "plan_tier:team"}, 1),
        ({"custom_field": "seats:12"}, 1),
        ({"custom_field": "is_pilot:true"}, 1),
        ({"custom_field": "regions:emea"}, 1),
        ({"custom_field": "regions:apac"}, 0),
    ],
)
async def test_a_list_narrows_by_each(declaring: httpx.AsyncClient, filters: dict[str, Any], found: int) -> None:
    await declaring.post("/v1/feedback", json=FULL)
    await declaring.post("/v1/feedback", json={"text": "Something else"})
    answer = await declaring.get("/v1/feedback", params=filters)
    assert (answer.status_code, len(answer.json()["items"])) == (200, found), answer.text


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"channel": "fax"}, "/channel"),
        ({"importance": 4}, "/importance"),
        ({"importance": True}, "/importance"),
        ({"rating": {"value": 6}}, "/rating"),
        ({"source_url": "javascript:alert(1)"}, "/source_url"),
        ({"attachments": [{"url": "https://a.example", "size": 3}]}, "/attachments/0/size"),
        ({"consent": {"purposes": ["everything"]}}, "/consent/purposes/0"),
        ({"text": "x" * 100_001}, "/text"),
    ],
)
async def test_what_cannot_be_is_named(api: httpx.AsyncClient, more: dict[str, Any], pointer: str) -> None:
    answer = await api.post("/v1/feedback", json={"text": "x"} | more)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_key_that_stands_twice_is_found_at_any_depth(api: httpx.AsyncClient) -> None:
    body = b'{"text":"x","attachments":[{"url":"https://a.example","url":"https://b.example"}]}'
    answer = await api.post("/v1/feedback", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_body")


async def test_a_hundred_thousand_characters_are_taken(api: httpx.AsyncClient) -> None:
    text = "".join(f"wort{n} " for n in range(20_000))[:100_000]
    answer = await api.post("/v1/feedback", json={"text": text})
    assert (answer.status_code, len(answer.json()["text"])) == (201, 100_000)


async def test_a_field_is_declared_changed_and_removed(declaring: httpx.AsyncClient, caller: Caller) -> None:
    again = await declaring.post("/v1/custom-fields", json=FIELDS[0])
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/name")
    listed = (await declaring.get("/v1/custom-fields")).json()["items"]
    tier = next(each for each in listed if each["name"] == "plan_tier")
    address = f"/v1/custom-fields/{tier['id']}"
    refused = await declaring.patch(address, json={"choices": []}, headers={"If-Match": tier["etag"]})
    assert refused.status_code == 422
    more = await declaring.patch(
        address, json={"choices": ["free", "team", "gold"]}, headers={"If-Match": tier["etag"]}
    )
    assert more.json()["choices"] == ["free", "team", "gold"]
    made = await declaring.post("/v1/feedback", json={"text": "x", "custom_fields": {"plan_tier": "gold"}})
    assert made.status_code == 201
    assert (await declaring.delete(address, headers={"If-Match": '"2"'})).status_code == 409
    await declaring.delete(made.headers["location"], headers={"If-Match": '"1"'})
    assert (await declaring.delete(address, headers={"If-Match": '"2"'})).status_code == 204
    assert (await caller(scopes=frozenset({"feedback:write"})).post("/v1/custom-fields", json={})).status_code == 403


async def test_the_feed_tells_facts_and_no_words(declaring: httpx.AsyncClient) -> None:
    # Other tests tell the same feed much: what this one tells stands behind the head that it starts from.
    head = (await declaring.get("/internal/feed", params={"after": 0, "limit": 1})).headers["feed-head"]
    await declaring.post("/v1/feedback", json=FULL)
    feed = (await declaring.get("/internal/feed", params={"after": head, "limit": 500})).json()
    (told,) = [each for each in feed if each["type"] == "feedback.recorded"]
    assert {"channel": "sales", "product_area": "exports", "importance": 3}.items() <= told["data"].items()
    assert "call" not in json.dumps(told["data"])
