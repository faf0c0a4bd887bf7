"""Files become feedback: once, whatever is killed, and every record says what became of it."""

import asyncio
import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.operations import OperationRun
from services.requirements.imports import tasks
from services.requirements.imports.routes import A_TABLE, FROM_A_TABLE
from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.test_customers import made
from tests.integration.requirements.test_intake import count
from tests.postgres import DatabaseAddress

OCTETS = {"Content-Type": "application/octet-stream"}


class Killed(BaseException):
    """Stands for `kill -9`: nothing that the task could catch and tidy up."""


async def upload(api: httpx.AsyncClient, content: bytes, *, size: int = 10_000_000, **new: Any) -> str:
    """A new import with its file in pieces."""
    import_id: str = (await made(api, "/v1/imports", new))["id"]
    for number, start in enumerate(range(0, len(content), size), start=1):
        path = f"/v1/imports/{import_id}/parts"
        piece = content[start : start + size]
        answer = await api.post(path, params={"number": number}, content=piece, headers=OCTETS)
        assert answer.status_code == 200, answer.text
    return import_id


async def start(api: httpx.AsyncClient, import_id: str, *, dry_run: bool = False) -> str:
    answer = await api.post(f"/v1/imports/{import_id}/start", json={"dry_run": dry_run})
    assert answer.status_code == 202, answer.text
    operation_id: str = answer.json()["id"]
    return operation_id


async def perform(app: FastAPI, workspace: UUID, import_id: str, operation_id: str) -> None:
    """What the worker does with the operation's job."""
    context = app.state.context
    await tasks.kinds._run(
        context,
        workspace_id=str(workspace),
        operation_id=operation_id,
        traceparent="00-" + "1" * 32 + "-" + "1" * 16 + "-01",
    )


async def counts(api: httpx.AsyncClient, import_id: str) -> tuple[int, ...]:
    found = (await api.get(f"/v1/imports/{import_id}")).json()
    return tuple(found[name] for name in ("records", "created", "known", "refused", "skipped"))


async def imported(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID, content: bytes, *, dry_run: bool = False, **new: Any
) -> tuple[str, tuple[int, ...]]:
    import_id = await upload(api, content, **new)
    operation_id = await start(api, import_id, dry_run=dry_run)
    await perform(app, workspace, import_id, operation_id)
    operation = (await api.get(f"/v1/operations/{operation_id}")).json()
    assert operation["state"] == "succeeded", operation
    return import_id, await counts(api, import_id)


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([names, *rows])
    return written.getvalue().encode()


async def test_a_table_with_a_mapping(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID, database: DatabaseAddress
) -> None:
    content = A_TABLE.encode() + b"2,Bad,Who?,2026-01-27,nobody\n3,,,,\n4,Only a subject,,,grace@example.com\n"
    import_id, found = await imported(api, app, workspace, content, **FROM_A_TABLE)
    assert found == (4, 2, 0, 1, 1)
    records = (await api.get(f"/v1/imports/{import_id}/records")).json()
    assert [(each["number"], each["result"]) for each in records] == [
        (1, "created"),
        (2, "refused"),
        (3, "skipped"),
        (4, "created"),
    ]
    assert records[1]["errors"][0]["pointer"] == "/contact/email"
    feedback = (await api.get(f"/v1/feedback/{records[0]['feedback_id']}")).json()
    assert (feedback["text"], feedback["title"], feedback["channel"]) == ("They fail on Mondays", "Exports", "support")
    assert (feedback["source"], feedback["external_id"]) == ("desk-export", "1")
    refused = (await api.get(f"/v1/imports/{import_id}/records", params={"result": "refused", "after": 1})).json()
    assert [each["number"] for each in refused] == [2]
    assert await count(database, "import_part", workspace) == 0


async def test_a_dry_run_writes_nothing_and_says_the_same(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID, database: DatabaseAddress
) -> None:
    rows = [[f"Wish {n}", f"p{n % 7}@example.com"] for n in range(1_200)]
    content = table(["Text", "Mail"], rows)
    new = {"format": "csv", "mapping": {"text": "Text", "contact.email": "Mail"}}
    import_id, dry = await imported(api, app, workspace, content, dry_run=True, size=4_000, **new)
    assert dry == (1_200, 1_200, 0, 0, 0)
    for name in ("feedback", "contact"):
        assert await count(database, name, workspace) == 0
    await perform(app, workspace, import_id, await start(api, import_id))
    assert await counts(api, import_id) == dry
    assert (await count(database, "feedback", workspace), await count(database, "contact", workspace)) == (1_200, 7)
    again = await api.post(f"/v1/imports/{import_id}/start", json={})
    assert (again.status_code, again.json()["code"]) == (409, "import_finished")


async def test_the_same_file_twice_doubles_nothing(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID, database: DatabaseAddress
) -> None:
    """Also where records have no ids, and where two of them say exactly the same."""
    content = table(["Text"], [[f"Wish {n % 400}"] for n in range(1_100)])
    new = {"format": "csv", "mapping": {"text": "Text"}}
    _, first = await imported(api, app, workspace, content, **new)
    _, second = await imported(api, app, workspace, content, size=999, **new)
    assert (first, second) == ((1_100, 1_100, 0, 0, 0), (1_100, 0, 1_100, 0, 0))
    assert await count(database, "feedback", workspace) == 1_100


FIDER = ["number", "title", "description", "created_at", "created_by", "total_votes", "status", "tags"]
PLAY = ["Star Rating", "Review Title", "Review Text", "Review Submit Date and Time", "Review Link"]
CANNY = ["Post ID", "Title", "Details", "Author name", "Author email", "Board", "Status", "Votes", "Created", "URL"]
NOTES = ["id", "title", "content", "user_email", "company_domain", "tags", "created_at", "display_url"]


def fider(n: int) -> list[Any]:
    return [n, f"Idea {n}", f"Please, {n}", "2018-03-23T19:33:22Z", "Somebody", n % 50, "Open", "a, b"]


def play(n: int) -> list[Any]:
    return [n % 5 + 1, "", f"Review\n{n}", "2016-06-08T19:04:33Z", f"https://play.example/{n}"]


def canny(n: int) -> list[Any]:
    url = f"https://x.canny.example/p/{n}"
    return [
        f"p{n}",
        f"Post {n}",
        f"Detail {n}",
        "Ada",
        f"u{n % 90}@example.com",
        "Ideas",
        "open",
        n,
        "Jan 26, 2026",
        url,
    ]


def note(n: int) -> list[Any]:
    return [f"n{n}", f"Note {n}", f"Said {n}", f"u{n % 90}@example.com", "example.com", "t", "2026-01-26", ""]


def issue(n: int) -> dict[str, Any]:
    made_by = {"login": f"user{n % 90}"}
    return {
        "number": n,
        "title": f"Issue {n}",
        "body": f"Body {n}",
        "user": made_by,
        "html_url": f"https://g.example/{n}",
    }


def conversation(n: int) -> dict[str, Any]:
    author = {"type": "user", "id": f"u{n % 90}", "email": f"u{n % 90}@example.com"}
    return {"id": str(n), "created_at": 1774370019, "source": {"body": f"<p>Said {n}</p>", "author": author}}


def export_of(kind: str, records: int) -> bytes:
    """A file as the tool would write it."""
    tables: Mapping[str, tuple[list[str], Any]] = {
        "fider": (FIDER, fider), "app_reviews": (PLAY, play), "canny": (CANNY, canny), "productboard": (NOTES, note),
    }  # fmt: skip
    if kind in tables:
        names, row = tables[kind]
        content = table(names, [row(n) for n in range(records)])
        return content.decode().encode("utf-16") if kind == "app_reviews" else content
    if kind == "github":
        return json.dumps([issue(n) for n in range(records)]).encode()
    return json.dumps(
        {"type": "conversation.list", "conversations": [conversation(n) for n in range(records)]}
    ).encode()


@pytest.mark.parametrize("kind", ["fider", "app_reviews", "canny", "productboard", "github", "intercom"])
async def test_killed_half_way_and_taken_up_again_the_counts_are_exact(
    kind: str, api: httpx.AsyncClient, app: FastAPI, *, workspace: UUID, database: DatabaseAddress
) -> None:
    import_id = await upload(api, export_of(kind, 1_700), size=50_001, format=kind)
    operation_id = await start(api, import_id)
    keep, batches = tasks._keep, iter(range(10))

    async def kept_until_killed(run: OperationRun, *arguments: Any) -> None:
        await keep(run, *arguments)
        if next(batches) == 2:
            raise Killed  # all of the third batch is written, and not committed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tasks, "_keep", kept_until_killed)
        with pytest.raises(Killed):
            await perform(app, workspace, import_id, operation_id)
    assert await counts(api, import_id) == (1_000, 1_000, 0, 0, 0)
    held = await api.post(f"/v1/imports/{import_id}/start", json={})
    assert (held.status_code, held.json()["code"]) == (409, "import_running")
    await perform(app, workspace, import_id, operation_id)
    assert await counts(api, import_id) == (1_700, 1_700, 0, 0, 0)
    assert await count(database, "feedback", workspace) == 1_700
    assert await count(database, "import_record", workspace) == 1_700


async def test_a_worker_that_was_taken_for_dead_keeps_no_batch_again(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID
) -> None:
    import_id = await upload(api, export_of("fider", 700), format="fider")
    operation_id = await start(api, import_id)
    keep, has_left = tasks._keep, asyncio.Event()

    async def kept_by_another_before(run: OperationRun, *arguments: Any) -> None:
        await keep(run, *arguments)
        try:
            await keep(run, *arguments)
        finally:
            has_left.set()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tasks, "_keep", kept_by_another_before)
        woken = asyncio.create_task(perform(app, workspace, import_id, operation_id))
        await has_left.wait()
    await perform(app, workspace, import_id, operation_id)
    await woken
    operation = (await api.get(f"/v1/operations/{operation_id}")).json()
    assert (operation["state"], operation["result"]["created"]) == ("succeeded", 700)
    assert await counts(api, import_id) == (700, 700, 0, 0, 0)


async def test_a_file_that_breaks_off_says_where(api: httpx.AsyncClient, app: FastAPI, workspace: UUID) -> None:
    import_id = await upload(api, b'[{"number": 1, "title": "x"}, {"number":', format="github")
    operation_id = await start(api, import_id)
    await perform(app, workspace, import_id, operation_id)
    operation = (await api.get(f"/v1/operations/{operation_id}")).json()
    assert (operation["state"], operation["problem"]["code"]) == ("failed", "file_refused")
    whole = b'[{"number": 1, "title": "x"}, {"number": 2, "title": "y"}]'
    await api.post(f"/v1/imports/{import_id}/parts", content=whole, headers=OCTETS)
    await perform(app, workspace, import_id, await start(api, import_id))
    assert (await counts(api, import_id))[:3] == (2, 2, 0)


async def test_pieces_must_be_whole_and_small(api: httpx.AsyncClient, caller: Caller) -> None:
    import_id = (await made(api, "/v1/imports", FROM_A_TABLE))["id"]
    path = f"/v1/imports/{import_id}/parts"
    assert (await api.post(f"/v1/imports/{import_id}/start", json={})).json()["code"] == "parts_missing"
    await api.post(path, params={"number": 2}, content=b"x", headers=OCTETS)
    assert (await api.post(f"/v1/imports/{import_id}/start", json={})).json()["code"] == "parts_missing"
    assert (await api.post(path, content=b"", headers=OCTETS)).status_code == 422
    assert (await api.post(path, content=b"x" * (10 * 1024 * 1024 + 1), headers=OCTETS)).status_code == 413
    stranger = caller(workspace_id=UUID(int=7))
    assert (await stranger.post(path, content=b"x", headers=OCTETS)).status_code == 404
    found = (await api.get(f"/v1/imports/{import_id}")).json()
    assert (found["parts"], found["bytes"]) == (1, 1)
    gone = await api.delete(f"/v1/imports/{import_id}", headers={"If-Match": found["etag"]})
    assert gone.status_code == 204


@pytest.mark.parametrize(
    "new",
    [
        {"format": "csv"},
        {"format": "csv", "mapping": {"text": "A", "mood": "B"}},
        {"format": "github", "mapping": {"text": "A"}},
        {"format": "excel"},
    ],
)
async def test_what_cannot_be_read_is_refused_at_once(api: httpx.AsyncClient, new: dict[str, Any]) -> None:
    assert (await api.post("/v1/imports", json=new)).status_code == 422
