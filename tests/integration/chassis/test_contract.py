"""The contract on a route of a toy service, against a real database."""

import asyncio
import gzip
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.chassis.routing import Router, UndeclaredScope
from tests.integration.chassis.conftest import Caller

PROBLEM = {"type", "title", "status", "detail", "instance", "code", "trace_id"}


async def add_note(client: httpx.AsyncClient, title: str = "Hello", **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/notes", json={"title": title, **more})
    assert answer.status_code == 201, answer.text
    note: dict[str, Any] = answer.json()
    return note


async def test_creation_answers_201_with_location_and_etag(caller: Caller) -> None:
    client = caller()
    answer = await client.post("/v1/notes", json={"title": " Hello "})
    note = answer.json()
    assert (answer.status_code, answer.headers["etag"], note["title"]) == (201, '"1"', "Hello")
    assert answer.headers["location"] == f"/v1/notes/{note['id']}"
    assert UUID(note["id"]).version == 7
    assert note["created_at"].endswith("Z")
    assert (await client.get(answer.headers["location"])).json() == note


async def test_not_modified(caller: Caller) -> None:
    client = caller()
    note = await add_note(client)
    fresh = await client.get(f"/v1/notes/{note['id']}", headers={"If-None-Match": note["etag"]})
    assert (fresh.status_code, fresh.content) == (304, b"")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"title": "a", "title": "b"}', "application/json", 422, "malformed_body"),
        (b'{"title": "\\ud800"}', "application/json", 422, "malformed_body"),
        (b'{"title": "a\\u0000"}', "application/json", 422, "malformed_body"),
        (b'{"title": "\xff"}', "application/json", 422, "malformed_body"),
        (b'{"title": "a", "stars": 1e400}', "application/json", 422, "malformed_body"),
        (b'{"title": "a", "stars": 99999999999999999999}', "application/json", 422, "malformed_body"),
        (b'{"title": "a", "stars": NaN}', "application/json", 422, "malformed_body"),
        (b'{"title": "a", "stars": ' + b"9" * 5000 + b"}", "application/json", 422, "malformed_body"),
        (b"[" * 100_000, "application/json", 422, "malformed_body"),
        (b"[" * 65 + b"]" * 65, "application/json", 422, "malformed_body"),
        (b'{"title": "a", "stars": true}', "application/json", 422, "invalid"),
        (b'{"title": "a", "stars": "1"}', "application/json", 422, "invalid"),
        (b'{"title": "a", "more": 1}', "application/json", 422, "invalid"),
        (b'{"title": ""}', "application/json", 422, "invalid"),
        (b"", "application/json", 422, "invalid"),
        (b"{", "application/json", 422, "malformed_body"),
        (b"title=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"title": "' + b"a" * 1_100_000 + b'"}', "application/json", 413, "content_too_large"),
    ],
)
async def test_bad_bodies_get_a_problem(caller: Caller, body: bytes, content_type: str, status: int, code: str) -> None:
    answer = await caller().post("/v1/notes", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= PROBLEM


async def test_a_body_may_come_packed_and_is_not_unpacked_without_end(caller: Caller) -> None:
    """`Content-Encoding: gzip` is read; a bomb is refused, and so is any coding that nobody here understands."""
    client = caller()
    json_and = {"Content-Type": "application/json"}
    packed = gzip.compress(b'{"title": "Packed"}')
    kept = await client.post("/v1/notes", content=packed, headers=json_and | {"Content-Encoding": "gzip"})
    assert (kept.status_code, kept.json()["title"]) == (201, "Packed")
    bomb = gzip.compress(b'{"title": "' + bytes(20_000_000) + b'"}')
    burst = await client.post("/v1/notes", content=bomb, headers=json_and | {"Content-Encoding": "gzip"})
    assert (len(bomb) < 50_000, burst.status_code, burst.json()["code"]) == (True, 413, "content_too_large")
    odd = await client.post("/v1/notes", content=b"{}", headers=json_and | {"Content-Encoding": "br"})
    assert (odd.status_code, odd.headers["accept-encoding"]) == (415, "gzip")
    false = await client.post("/v1/notes", content=b"{}", headers=json_and | {"Content-Encoding": "gzip"})
    assert (false.status_code, false.json()["code"]) == (422, "malformed_body")


async def test_faults_are_named_by_json_pointer(caller: Caller) -> None:
    answer = await caller().post("/v1/notes", json={"title": "a", "stars": -1, "wrong": 1})
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/stars", "/wrong"}


async def test_unknown_path_method_parameter_and_caller(caller: Caller) -> None:
    client = caller()
    answers = {
        404: await client.get("/v1/nothing"),
        405: await client.put("/v1/notes", json={}),
        422: await client.get("/v1/notes?wrong=1"),
        401: await client.get("/v1/notes", headers={"Authorization": "Bearer forged"}),
        403: await caller(scopes=frozenset({"roadmap:read"})).post("/v1/notes", json={"title": "a"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() >= PROBLEM


async def test_another_workspace_sees_nothing(caller: Caller) -> None:
    note = await add_note(caller())
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/notes/{note['id']}")).status_code == 404
    assert (await stranger.get("/v1/notes")).json()["items"] == []


async def test_a_lost_update_is_refused(caller: Caller) -> None:
    client = caller()
    path = f"/v1/notes/{(await add_note(client))['id']}"
    assert (await client.patch(path, json={"stars": 2})).status_code == 428
    patch = {"headers": {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}}
    answers = await asyncio.gather(*(client.patch(path, content=b'{"stars": 2}', **patch) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await client.get(path)).headers["etag"] == '"2"'
    assert (await client.patch(path, json={"title": None}, headers={"If-Match": "*"})).status_code == 422
    assert (await client.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_one_key_one_effect(caller: Caller) -> None:
    client = caller()
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(client.post("/v1/notes", json={"title": "Once"}, headers=key) for _ in range(10)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"request_in_progress"}
    assert len({answer.json()["id"] for answer in made}) == 1
    again = await client.post("/v1/notes", json={"title": "Once"}, headers=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert (again.json(), again.headers["location"]) == (made[0].json(), made[0].headers["location"])
    other = await client.post("/v1/notes", json={"title": "Other"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await client.get("/v1/notes")).json()["items"]) == 1


async def test_a_lasting_failure_is_replayed(caller: Caller) -> None:
    client = caller()
    await add_note(client, "Taken")
    key = {"Idempotency-Key": f'"{uuid4()}"'}
    first = await client.post("/v1/notes", json={"title": "Taken"}, headers=key)
    assert (first.status_code, first.json()["code"]) == (409, "already_exists")
    again = await client.post("/v1/notes", json={"title": "Taken"}, headers=key)
    assert (again.status_code, again.headers["idempotency-replayed"], again.json()) == (409, "true", first.json())
    assert (await client.post("/v1/notes", json={"title": "b"}, headers={"Idempotency-Key": "a b"})).status_code == 400


async def test_pages_are_complete_while_others_write(caller: Caller) -> None:
    client = caller()
    before = {(await add_note(client, f"n{number}"))["id"] for number in range(25)}
    seen: list[str] = []
    page = (await client.get("/v1/notes?limit=10&count=exact")).json()
    assert page["count"] == 25
    while True:
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        await add_note(client, f"late {len(seen)}")
        answer = await client.get("/v1/notes", params={"limit": 10, "cursor": page["next_cursor"]})
        page = answer.json()
    assert len(seen) == len(set(seen))
    assert set(seen) == before


async def test_a_cursor_is_bound_to_its_filter_and_cannot_be_made_up(caller: Caller) -> None:
    client = caller()
    for number in range(3):
        await add_note(client, f"n{number}", stars=1)
    answer = await client.get("/v1/notes?limit=1&stars=1")
    cursor = answer.json()["next_cursor"]
    assert answer.headers["link"] == f'</v1/notes?limit=1&stars=1&cursor={cursor}>; rel="next"'
    for parameters in ({"cursor": cursor}, {"cursor": cursor + "a", "stars": 1}, {"cursor": "ä", "stars": 1}):
        refused = await client.get("/v1/notes", params=parameters)
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")
    assert (await client.get(answer.headers["link"].partition(">")[0][1:])).status_code == 200


async def test_a_copy_is_kept_in_step_by_sync_token(caller: Caller) -> None:
    client = caller()
    notes = [await add_note(client, f"n{number}", stars=1) for number in range(3)]
    token = (await client.get("/v1/notes?stars=1")).json()["sync_token"]
    await client.delete(f"/v1/notes/{notes[0]['id']}", headers={"If-Match": "*"})
    await client.patch(f"/v1/notes/{notes[1]['id']}", json={"stars": 2}, headers={"If-Match": "*"})
    added = await add_note(client, "new", stars=1)
    changed = (await client.get("/v1/notes", params={"stars": 1, "sync_token": token})).json()
    told = {item["id"] for item in changed["items"]}
    assert added["id"] in told
    assert told <= {added["id"], notes[2]["id"]}  # what was just written may be told twice, never not at all
    assert {each["id"] for each in changed["deleted"]} == {notes[0]["id"], notes[1]["id"]}
    nothing = (await client.get("/v1/notes", params={"stars": 1, "sync_token": changed["sync_token"]})).json()
    assert (nothing["items"], nothing["deleted"]) == ([], [])


async def test_changes_come_in_parts_until_none_is_left(caller: Caller) -> None:
    client = caller()
    token = (await client.get("/v1/notes")).json()["sync_token"]
    added = {(await add_note(client, f"n{number}"))["id"] for number in range(7)}
    seen: set[str] = set()
    while True:
        part = (await client.get("/v1/notes", params={"limit": 3, "sync_token": token})).json()
        if part["sync_token"] == token:
            break
        seen |= {item["id"] for item in part["items"]}
        token = part["sync_token"]
    assert seen == added


async def test_many_by_id(caller: Caller) -> None:
    client = caller()
    notes = [(await add_note(client, f"n{number}"))["id"] for number in range(3)]
    listed = (await client.get("/v1/notes", params={"ids": ",".join(notes[:2])})).json()["items"]
    assert {item["id"] for item in listed} == set(notes[:2])
    assert (await client.get("/v1/notes?ids=1")).status_code == 422


def test_a_route_without_scope_cannot_be_declared() -> None:
    with pytest.raises(UndeclaredScope):
        Router(prefix="/v1/x", tags=["X"]).get("")
