"""E-mails come in as feedback: once each, threads together."""

import asyncio
from uuid import UUID

import httpx
import pytest

from services.requirements.emails.routes import MONDAYS
from tests.integration.requirements.test_intake import count
from tests.postgres import DatabaseAddress

RFC_822 = {"Content-Type": "message/rfc822"}


def message(name: str, *, references: str = "", text: str = "", more: str = "") -> bytes:
    head = f"From: ada@example.com\nMessage-ID: <{name}@a.example>\nSubject: Re: Exports\n{more}"
    head += f"References: {' '.join(f'<{each}@a.example>' for each in references.split())}\n" if references else ""
    return f"{head}\n{text or name}\n".encode()


async def send(api: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await api.post("/v1/feedback/email", content=content, headers=RFC_822)


async def thread(api: httpx.AsyncClient, feedback_id: str) -> list[str]:
    return [each["text"] for each in (await api.get(f"/v1/feedback/{feedback_id}/thread")).json()]


async def test_a_message_is_feedback_once(api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID) -> None:
    first, again = await send(api, MONDAYS.encode()), await send(api, MONDAYS.replace("\n", "\r\n").encode())
    assert (first.status_code, again.status_code) == (201, 200)
    feedback = first.json()
    assert again.json() == feedback
    assert feedback["text"] == "The CSV export fails every Monday morning."
    assert (feedback["source"], feedback["external_id"]) == ("email", "mondays-1@mail.example.com")
    assert (feedback["title"], feedback["occurred_at"]) == ("Exports fail", "2026-01-26T08:12:00Z")
    contact = (await api.get(f"/v1/contacts/{feedback['contact_id']}")).json()
    assert (contact["email"], contact["name"]) == ("ada@example.com", "Ada Lovelace")
    assert await count(database, "feedback", workspace) == 1
    assert (await api.get(f"/v1/feedback/{feedback['id']}")).json() == feedback


@pytest.mark.parametrize("order", ["a b c d", "d c b a", "c a d b"])
async def test_a_thread_comes_together_in_any_order(api: httpx.AsyncClient, order: str) -> None:
    """d names only b, c only a: the middle joins them, also when it comes last."""
    sent = {"a": "", "b": "a", "c": "a b", "d": "b"}
    answers = [await send(api, message(name, references=sent[name])) for name in order.split()]
    ids = [answer.json()["id"] for answer in answers]
    assert {tuple(sorted(await thread(api, each))) for each in ids} == {("a", "b", "c", "d")}
    other = await send(api, message("elsewhere"))
    assert await thread(api, other.json()["id"]) == ["elsewhere"]


async def test_messages_at_once_are_one_thread(api: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(send(api, message(f"m{n}", references="root")) for n in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len(await thread(api, answers[0].json()["id"])) == 6


async def test_what_is_no_message_is_refused(api: httpx.AsyncClient) -> None:
    nonsense = await send(api, b'{"a": 1}')
    assert (nonsense.status_code, nonsense.json()["code"]) == (422, "unreadable_message")
    absent = await send(api, message("x", more="Auto-Submitted: auto-replied\n"))
    assert (absent.status_code, absent.json()["code"]) == (422, "automatic_message")
    assert (await api.post("/v1/feedback/email", json={})).status_code == 415
    other = await api.post("/v1/feedback", json={"text": "By hand"})
    assert await thread(api, other.json()["id"]) == ["By hand"]
