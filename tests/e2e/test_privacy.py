"""A person asks for their data, and then for it to be gone: across four processes, down to the bytes on disk."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from tests.e2e.feeds import looking
from tests.e2e.stack import Stack, running_stack, until

PG_DIRECTORY_OF_LOG = "pg_wal"


class Person:
    """Somebody whose every word is unlike any other on the disk."""

    def __init__(self) -> None:
        mark = uuid4().hex
        self.word = f"zebra{mark[:12]}"
        self.email = f"{mark[12:24]}@example.org"
        self.name = f"Nomen{mark[24:]}"

    @property
    def traces(self) -> list[bytes]:
        return [self.word.encode(), self.email.partition("@")[0].encode(), self.name.encode()]


async def speak(client: httpx.AsyncClient, person: Person) -> dict[str, Any]:
    """Feedback, an idempotent repetition, a correction, and a requirement that quotes it."""
    said = {
        "text": f"My {person.word} keeps vanishing from the report.",
        "source": "interview",
        "contact": {"email": person.email, "name": person.name},
        "metadata": {"note": person.word},
    }
    key = {"Idempotency-Key": str(uuid4())}
    feedback = (await client.post("/v1/feedback", json=said, headers=key)).json()
    change = {"name": f"{person.name} Junior"}
    corrected = await client.patch(
        f"/v1/contacts/{feedback['contact_id']}",
        json=change,
        headers={"If-Match": "*", "Idempotency-Key": str(uuid4())},
    )
    assert corrected.status_code == 200, corrected.text
    quote = {"feedback_id": feedback["id"], "quote": f"My {person.word} keeps vanishing"}
    requirement = await client.post("/v1/requirements", json={"title": "Keep it in sight", "evidence": [quote]})
    assert requirement.status_code == 201, requirement.text
    return {**feedback, "requirement_id": requirement.json()["id"]}


async def operate(client: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    started = await client.post(path, json=body or {})
    assert started.status_code == 202, started.text

    async def ended() -> dict[str, Any] | None:
        operation: dict[str, Any] = (await client.get(started.headers["location"])).json()
        return operation if operation["state"] in {"succeeded", "failed"} else None

    operation = await until(ended, within_s=120, what=path)
    assert isinstance(operation, dict)
    assert operation["state"] == "succeeded", operation
    result: dict[str, Any] = operation["result"]
    return result


async def flush_to_disk(stack: Stack) -> None:
    """Let PostgreSQL write what it holds in memory, and let go of files it has replaced."""
    async with looking(stack, "requirements") as connection:
        await connection.execute("CHECKPOINT")


def files_with(directory: Path, traces: list[bytes]) -> set[str]:
    """The files below a directory that hold any of these bytes; the write-ahead log expires by itself."""
    found = set()
    for path in directory.rglob("*"):
        if PG_DIRECTORY_OF_LOG in path.parts or not path.is_file():
            continue
        content = path.read_bytes()
        found |= {str(path.relative_to(directory)) for trace in traces if trace in content}
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quiet() -> AsyncIterator[Stack]:
    """A stack of our own: PostgreSQL writes a deleted row anew while anybody could still see it."""
    async with running_stack() as running:
        yield running


async def test_a_person_sees_their_data_and_then_no_byte_of_it_stays(quiet: Stack) -> None:
    person, other = Person(), Person()
    async with quiet.client() as client:
        kept = await speak(client, other)
        said = await speak(client, person)
        contact = f"/v1/contacts/{said['contact_id']}"

        shown = await operate(client, f"{contact}/export")
        tables = shown["services"]["requirements"]
        assert tables["contact"][0]["email"] == person.email
        assert [row["text"] for row in tables["feedback"]] == [said["text"]]
        assert tables["evidence"][0]["quote"] == f"My {person.word} keeps vanishing"

        counted = await operate(client, f"{contact}/erase", {"dry_run": True})
        assert counted["rows"]["requirements"].items() >= {"contact": 1, "feedback": 1, "evidence": 1}.items()
        assert (await client.get(contact)).json()["email"] == person.email
        await flush_to_disk(quiet)
        assert files_with(quiet.home, person.traces), "the search must be able to find them"

        receipt = await operate(client, f"{contact}/erase")
        assert receipt["rows"]["requirements"].items() >= {"contact": 1, "feedback": 1, "evidence": 1}.items()
        assert receipt["rewritten"].keys() == {"requirements", "roadmap", "metrics", "gateway"}
        await flush_to_disk(quiet)
        assert files_with(quiet.home, person.traces) == set()

        feedback = (await client.get(f"/v1/feedback/{said['id']}")).json()
        quotes = (await client.get(f"/v1/requirements/{said['requirement_id']}/evidence")).json()["items"]
        assert feedback["text"][quotes[0]["start"] : quotes[0]["end"]] == quotes[0]["quote"]
        assert person.word not in feedback["text"]
        assert (await client.get(f"/v1/feedback?q={person.word}")).json()["items"] == []
        assert (await client.get(f"/v1/feedback/{kept['id']}")).json()["text"] == kept["text"]


@pytest.mark.parametrize("what", ["export", "erase"])
async def test_only_an_admin_of_the_same_workspace_may_ask(stack: Stack, what: str) -> None:
    async with stack.client(await stack.other_workspace("Asked")) as client:
        said = await speak(client, Person())
        planner = (await client.post("/v1/api-keys", json={"name": "Planner", "role": "planner"})).json()["key"]
    path = f"/v1/contacts/{said['contact_id']}/{what}"
    async with stack.client(planner) as client:
        assert (await client.post(path, json={})).status_code == 403
    async with stack.client(await stack.other_workspace()) as client:
        assert (await client.post(path, json={})).status_code == 404
