"""Feedback comes in: one by one in groups, many at once, again by its own id."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from services.chassis.identity import Principal
from services.requirements.feedback.intake import Intake, Submission
from services.requirements.feedback.reading import read_feedback
from services.requirements.feedback.routes import LATE_EXPORT
from tests.integration.requirements.conftest import Caller
from tests.postgres import DatabaseAddress

NDJSON = {"Content-Type": "application/x-ndjson"}


async def count(database: DatabaseAddress, table: str, workspace: UUID) -> int:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        found: int = await connection.fetchval(f"SELECT count(*) FROM {table} WHERE workspace_id = $1", workspace)
        return found
    finally:
        await connection.close()


def ndjson(*lines: Any) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_post_is_answered_with_what_a_get_reads(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/feedback", json=LATE_EXPORT)
    assert answer.status_code == 201, answer.text
    feedback = answer.json()
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/feedback/{feedback['id']}")
    assert UUID(feedback["id"]).version == 7
    read = await api.get(answer.headers["location"])
    assert read.json() == feedback
    contact = (await api.get(f"/v1/contacts/{feedback['contact_id']}")).json()
    company = (await api.get(f"/v1/companies/{feedback['company_id']}")).json()
    assert (contact["email"], contact["name"]) == ("ada@example.com", "Ada Lovelace")
    assert (company["domain"], contact["company_id"]) == ("example.com", company["id"])


async def test_posts_at_once_are_each_kept_and_told(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    posts = [
        api.post("/v1/feedback", json={"text": f"Wish {n}", "contact": {"external_id": f"c{n % 7}"}})
        for n in range(100)
    ]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 100
    assert len({answer.json()["contact_id"] for answer in answers}) == 7
    assert await count(database, "feedback", workspace) == 100
    assert await count(database, "event", workspace) == 107


async def test_a_bad_row_fails_alone(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID, database: DatabaseAddress
) -> None:
    """A row that passed validation and that the database refuses all the same: its neighbours are written."""
    intake: Intake = app.state.intake
    principal = Principal("key:test", "key", workspace)

    def submission(text: str) -> Submission:
        content = read_feedback(b'{"text": "x"}').model_copy(update={"text": text})
        return Submission(
            principal=principal, content=content, refuse=lambda problem: Response(status_code=problem.status)
        )

    members = [submission("good"), submission("NUL \x00 is refused by PostgreSQL"), submission("also good")]
    await intake._settle(intake._lines[0], members)
    assert [member.answer.result().status_code for member in members] == [201, 422, 201]
    assert await count(database, "feedback", workspace) == 2


async def test_a_bad_line_fails_alone(api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID) -> None:
    """A line that passed validation and that the database refuses all the same: its neighbours are written."""
    lines = [{"text": text, "source": "zendesk", "external_id": str(n)} for n, text in enumerate(("a", "b", "Hm", "c"))]
    async with forbidding(database, "text = 'Hm'"):
        answer = await api.post("/v1/feedback/bulk", content=ndjson(*lines), headers=NDJSON)
    assert [line["status"] for line in results(answer)] == [201, 201, 500, 201]
    assert await count(database, "feedback", workspace) == await count(database, "event", workspace) == 3


@asynccontextmanager
async def forbidding(database: DatabaseAddress, condition: str) -> AsyncIterator[None]:
    """While this lasts, the database refuses feedback for which the condition holds."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await connection.execute(
            f"ALTER TABLE feedback ADD CONSTRAINT ck_forbidden CHECK (NOT ({condition})) NOT VALID"
        )
        yield
    finally:
        await connection.execute("ALTER TABLE feedback DROP CONSTRAINT IF EXISTS ck_forbidden")
        await connection.close()


async def test_the_same_lines_sent_twice_at_once_are_there_once(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    lines = [{"text": f"Wish {n}", "source": "zendesk", "external_id": str(n)} for n in range(50)]
    known, fresh = lines[20:30], [{**line, "source": "intercom"} for line in lines]
    await api.post("/v1/feedback/bulk", content=ndjson(*known), headers=NDJSON)
    body = ndjson(*lines, *fresh)
    answers = await asyncio.gather(*(api.post("/v1/feedback/bulk", content=body, headers=NDJSON) for _ in range(2)))
    first, second = (results(answer) for answer in answers)
    assert [line["id"] for line in first] == [line["id"] for line in second]
    statuses = [
        sorted(pair) for pair in zip(*([each["status"] for each in told] for told in (first, second)), strict=True)
    ]
    assert statuses == [[200, 200] if 20 <= place < 30 else [200, 201] for place in range(100)]
    assert await count(database, "feedback", workspace) == await count(database, "event", workspace) == 100


async def test_groups_that_wait_for_each_other_are_both_written(
    app: FastAPI, workspace: UUID, database: DatabaseAddress
) -> None:
    """Two groups make the same two customers, each in the other's order: PostgreSQL ends one, which is tried again."""
    intake: Intake = app.state.intake

    def group(*named: str) -> list[Submission]:
        return [
            Submission(
                principal=Principal(f"key:{place}", "key", workspace),
                content=read_feedback(json.dumps({"text": "x", "contact": {"external_id": name}}).encode()),
                refuse=lambda problem: Response(status_code=problem.status),
            )
            for place, name in enumerate(named)
        ]

    groups = group("ada", "grace"), group("grace", "ada")
    await asyncio.gather(*(intake._settle(*pair) for pair in zip(intake._lines, groups, strict=True)))
    assert [each.answer.result().status_code for members in groups for each in members] == [201] * 4
    assert (await count(database, "feedback", workspace), await count(database, "contact", workspace)) == (4, 2)


async def test_an_external_id_is_taken_once(api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID) -> None:
    body = {"text": "Once", "external_id": "t1", "contact": {"email": "grace@example.com"}}
    answers = await asyncio.gather(*(api.post("/v1/feedback", json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert {answer.json().get("code") for answer in answers if answer.status_code == 409} == {"already_exists"}
    other_source = await api.post("/v1/feedback", json=body | {"source": "intercom"})
    assert other_source.status_code == 201
    assert await count(database, "contact", workspace) == 1


async def test_a_refused_draft_leaves_no_customer(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    await api.post("/v1/feedback", json={"text": "Once", "external_id": "t1"})
    again = await api.post(
        "/v1/feedback", json={"text": "x", "external_id": "t1", "contact": {"email": "a@example.com"}}
    )
    assert again.status_code == 409
    assert await count(database, "contact", workspace) == 0


async def test_the_same_key_has_one_effect(api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(api.post("/v1/feedback", json={"text": "Once"}, headers=key) for _ in range(8)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.json()["id"] for answer in made}) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await count(database, "feedback", workspace) == 1
    replay = await api.post("/v1/feedback", json={"text": "Once"}, headers=key)
    assert (replay.status_code, replay.headers["idempotency-replayed"]) == (201, "true")
    assert replay.content == made[0].content
    assert replay.headers["location"] == made[0].headers["location"]
    other = await api.post("/v1/feedback", json={"text": "Twice"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refusal_is_remembered_for_its_key(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "bad-body"}
    first = await api.post("/v1/feedback", json={"text": ""}, headers=key)
    again = await api.post("/v1/feedback", json={"text": ""}, headers=key)
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", ""),
        (b"{}", "/text"),
        (b'{"text": "a", "text": "b"}', None),
        (b'{"text":"a","text":"b"}', None),
        (b'{"text":"a","metadata":{"a":"1","a":"2"}}', None),
        (b'{"text" :"a","text":"b"}', None),
        (b'{"text":"a","te\\u0078t":"b"}', None),
        (b'{"text":"a","mood":"b"}', "/mood"),
        (b'{"text":"a\\u0000"}', None),
        (b'{"text":"\\ud800"}', None),
        (b'{"text":"\xff"}', None),
        (b'{"text":1e400}', None),
        (b'{"text":"a","occurred_at":"2026-01-01T00:00:00"}', "/occurred_at"),
        (b'{"text":"a","occurred_at":1767225600}', "/occurred_at"),
        (b'{"text":"a","contact":{}}', "/contact"),
        (b'{"text":"a","contact":{"email":"nobody"}}', "/contact/email"),
        (b"[" * 100_000, None),
        (b"3", ""),
    ],
)
async def test_bad_bodies_are_named(api: httpx.AsyncClient, body: bytes, pointer: str | None) -> None:
    answer = await api.post("/v1/feedback", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_words_are_not_mistaken_for_keys(api: httpx.AsyncClient) -> None:
    text = 'He said "text": and "source":"x" : twice'
    answer = await api.post("/v1/feedback", json={"text": text})
    assert (answer.status_code, answer.json()["text"]) == (201, text)


async def test_text_is_normalised(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/feedback", json={"text": "Zu\u0308rich", "contact": {"email": "Ada@Example.com"}})
    assert answer.json()["text"] == "Zürich"
    contact = await api.get(f"/v1/contacts/{answer.json()['contact_id']}")
    assert contact.json()["email"] == "ada@example.com"


async def test_a_bad_line_fails_no_other(api: httpx.AsyncClient) -> None:
    body = ndjson({"text": "One"}, {"text": ""}, b"", b"not json", {"text": "Two", "external_id": "2"})
    lines = results(await api.post("/v1/feedback/bulk", content=body, headers=NDJSON))
    assert [(line["line"], line["status"]) for line in lines] == [(1, 201), (2, 422), (4, 422), (5, 201)]
    assert lines[1]["problem"]["errors"][0]["pointer"] == "/text"


async def test_the_same_file_twice_doubles_nothing(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    rows = [
        {"text": f"Line {n}", "external_id": f"l{n}", "contact": {"email": f"p{n % 5}@example.com"}} for n in range(50)
    ]
    first = results(await api.post("/v1/feedback/bulk", content=ndjson(*rows), headers=NDJSON))
    events = await count(database, "event", workspace)
    again = results(await api.post("/v1/feedback/bulk", content=ndjson(*rows), headers=NDJSON))
    assert {line["status"] for line in first} == {201}
    assert {line["status"] for line in again} == {200}
    assert [line["id"] for line in first] == [line["id"] for line in again]
    assert await count(database, "feedback", workspace) == 50
    assert await count(database, "contact", workspace) == 5
    assert await count(database, "event", workspace) == events


async def test_a_changed_line_replaces_and_the_last_one_counts(api: httpx.AsyncClient) -> None:
    body = ndjson(*({"text": text, "external_id": "x"} for text in ("first", "second", "third")))
    lines = results(await api.post("/v1/feedback/bulk", content=body, headers=NDJSON))
    assert [line["status"] for line in lines] == [200, 200, 201]
    assert len({line["id"] for line in lines}) == 1
    changed = results(
        await api.post("/v1/feedback/bulk", content=ndjson({"text": "new", "external_id": "x"}), headers=NDJSON)
    )
    assert changed[0] == {"line": 1, "status": 200, "id": lines[0]["id"]}
    read = (await api.get(f"/v1/feedback/{lines[0]['id']}")).json()
    assert (read["text"], read["etag"]) == ("new", '"2"')


async def test_many_slices_keep_the_order_of_their_lines(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    rows: list[Any] = [{"text": f"Line {n}", "external_id": f"l{n % 4000}"} for n in range(4_500)]
    rows[1_999] = rows[2_000] = {"text": ""}
    lines = results(await api.post("/v1/feedback/bulk", content=ndjson(*rows), headers=NDJSON))
    assert [line["line"] for line in lines] == list(range(1, 4_501))
    assert [line["line"] for line in lines if line["status"] == 422] == [2_000, 2_001]
    assert lines[4_000]["id"] == lines[0]["id"]
    assert await count(database, "feedback", workspace) == 3_998
    assert (await api.get(f"/v1/feedback/{lines[0]['id']}")).json()["text"] == "Line 4000"


async def test_atomic_undoes_the_slices_that_were_written(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    body = ndjson(*({"text": f"Line {n}"} for n in range(4_500)), {"text": ""})
    answer = await api.post("/v1/feedback/bulk?atomic=true", content=body, headers=NDJSON)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, ["/4501"])
    assert await count(database, "feedback", workspace) == 0
    assert await count(database, "event", workspace) == 0


async def test_atomic_writes_all_or_nothing(api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID) -> None:
    body = ndjson({"text": "One"}, {"text": ""})
    answer = await api.post("/v1/feedback/bulk?atomic=true", content=body, headers=NDJSON)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/2"]
    assert await count(database, "feedback", workspace) == 0
    assert (
        len(results(await api.post("/v1/feedback/bulk?atomic=true", content=ndjson({"text": "One"}), headers=NDJSON)))
        == 1
    )


async def test_put_makes_then_replaces_then_rests(api: httpx.AsyncClient) -> None:
    address = "/v1/feedback/by-external-id/zendesk/t-9"
    made = await api.put(address, json={"text": "One", "occurred_at": "2026-01-01T00:00:00Z"})
    same = await api.put(address, json={"text": "One", "occurred_at": "2026-01-01T00:00:00Z"})
    untimed = await api.put(address, json={"text": "One"})
    other = await api.put(address, json={"text": "Two"})
    assert [answer.status_code for answer in (made, same, untimed, other)] == [201, 200, 200, 200]
    assert [answer.headers["etag"] for answer in (made, same, untimed, other)] == ['"1"', '"1"', '"1"', '"2"']
    assert other.json()["occurred_at"] == "2026-01-01T00:00:00Z"
    assert (await api.get(f"/v1/feedback/{made.json()['id']}")).json() == other.json()


async def test_people_are_one_by_either_identity(api: httpx.AsyncClient) -> None:
    async def contact_of(reference: dict[str, str], source: str = "api") -> str:
        answer = await api.post("/v1/feedback", json={"text": "x", "source": source, "contact": reference})
        contact_id: str = answer.json()["contact_id"]
        return contact_id

    by_mail = await contact_of({"email": "ada@example.com"})
    with_both = await contact_of({"email": "ada@example.com", "external_id": "u1", "name": "Ada"})
    by_id = await contact_of({"external_id": "u1"})
    elsewhere = await contact_of({"email": "ada@example.com", "external_id": "u1"}, source="zendesk")
    someone_else = await contact_of({"email": "ada@example.com", "external_id": "u2"})
    assert by_mail == with_both == by_id == elsewhere != someone_else
    contact = (await api.get(f"/v1/contacts/{by_mail}")).json()
    assert (contact["name"], contact["external_id"], contact["etag"]) == ("Ada", "u1", '"2"')


async def test_correcting_and_removing(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/feedback", json={"text": "One", "metadata": {"a": "1"}})
    address = made.headers["location"]
    assert (await api.patch(address, json={"title": "T"})).status_code == 428
    changed = await api.patch(address, json={"title": "T"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["title"], changed.json()["metadata"]) == (200, "T", {"a": "1"})
    assert (await api.patch(address, json={"title": "U"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(address, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.get(address)).status_code == 404


async def test_another_workspace_sees_nothing(api: httpx.AsyncClient, caller: Caller) -> None:
    made = await api.post("/v1/feedback", json=LATE_EXPORT)
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(made.headers["location"])).status_code == 404
    assert (await stranger.get("/v1/feedback")).json()["items"] == []
    assert (await stranger.get(f"/v1/contacts/{made.json()['contact_id']}")).status_code == 404
    theirs = await stranger.post("/v1/feedback", json=LATE_EXPORT)
    assert (theirs.status_code, theirs.json()["contact_id"] != made.json()["contact_id"]) == (201, True)
    reader = caller(scopes=frozenset({"feedback:read"}))
    assert (await reader.post("/v1/feedback", json=LATE_EXPORT)).status_code == 403
