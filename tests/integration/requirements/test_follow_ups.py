"""The last link: who asked is told what came of it, once, by a real SMTP server or by an event."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.app import build_context
from services.chassis.feed_handlers import Handlers
from services.chassis.feed_sources import RawEvent
from services.chassis.identity import INTERNAL_SCOPE, SCOPES, Principal, TokenSigner
from services.requirements.app import build_service, metrics_handlers, roadmap_handlers
from services.requirements.followup.consumers import follow_statuses
from services.requirements.followup.tasks import deliver
from services.requirements.settings import RequirementsSettings
from tests.integration.requirements.conftest import SEED, Caller
from tests.integration.requirements.feeds import deliver as apply
from tests.integration.requirements.feeds import news
from tests.integration.requirements.test_backlog import need
from tests.smtp import Inbox, inbox

__all__ = ["inbox"]

AGREED = {"purposes": ["follow_up"]}


@pytest_asyncio.fixture
async def mailing(settings: RequirementsSettings, inbox: Inbox) -> AsyncIterator[FastAPI]:
    """The service with a mail server."""
    context = build_context("requirements", settings.model_copy(update={"role": "api", **inbox.settings}))
    service = build_service(context)
    async with service.router.lifespan_context(service):
        yield service


@pytest_asyncio.fixture
async def api(mailing: FastAPI, workspace: UUID) -> AsyncIterator[httpx.AsyncClient]:
    scopes = frozenset((*SCOPES, INTERNAL_SCOPE))
    token = TokenSigner(SEED, issuer="tests").sign(
        Principal("key:test", "key", workspace, "admin", scopes), audience="requirements", lifetime_s=600
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=mailing),
        base_url="http://requirements",
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client


def handlers() -> Handlers:
    made = Handlers()
    follow_statuses(made)
    return made


def reached(workspace: UUID, requirement_id: str, status: str, version: int = 2) -> RawEvent:
    return news(
        "requirement.status_changed",
        workspace,
        subject_type="requirement",
        subject_id=UUID(requirement_id),
        version=version,
        data={"status": status},
    )


async def asked_by(
    api: httpx.AsyncClient, *people: tuple[str | None, dict[str, Any] | None], strength: int = 1
) -> list[dict[str, Any]]:
    """A quote of each person, with what they agreed to."""
    quotes = []
    for number, (email, consent) in enumerate(people):
        contact = {"email": email} if email else {"external_id": f"nobody-{number}"}
        body = {"text": f"I lose hour {number}", "contact": contact, "consent": consent}
        said = await api.post("/v1/feedback", json=body)
        assert said.status_code == 201, said.text
        quotes.append({"feedback_id": said.json()["id"], "quote": f"lose hour {number}", "strength": strength})
    return quotes


async def ledger(api: httpx.AsyncClient, requirement_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    listed = (await api.get("/v1/follow-ups", params={"requirement_id": requirement_id})).json()["items"]
    return {(each["event"], each["quote"]): each for each in listed}


async def run(app: FastAPI, workspace: UUID) -> None:
    await deliver(app.state.context, workspace_id=str(workspace))


async def test_each_who_agreed_gets_one_message_with_their_own_words(
    api: httpx.AsyncClient, mailing: FastAPI, workspace: UUID, inbox: Inbox
) -> None:
    evidence = await asked_by(
        api, ("ada@example.com", AGREED), ("bo@example.com", None), (None, AGREED), ("cy@example.com", AGREED)
    )
    requirement = await need(api, "Exports that arrive", evidence=evidence)
    inbox.refused["cy@example.com"] = "550 no such mailbox"
    event = reached(workspace, requirement["id"], "shipped")
    for _ in range(2):
        await apply(mailing, handlers(), [event])
        await run(mailing, workspace)
    (letter,) = inbox.messages
    assert letter["To"] == "ada@example.com"
    assert letter["Subject"] == "You asked, and it is here: Exports that arrive"
    assert "> lose hour 0" in letter.get_content()
    told = await ledger(api, requirement["id"])
    states = {quote: (each["state"], each["reason"]) for (_, quote), each in told.items()}
    assert states.pop("lose hour 3") == ("failed", "refused: the server answered 550")
    assert states == {
        "lose hour 0": ("sent", None),
        "lose hour 1": ("suppressed", "no_consent"),
        "lose hour 2": ("suppressed", "no_address"),
    }
    sent = told["shipped", "lose hour 0"]
    assert letter["Message-ID"] == f"<{sent['id']}@example.com>"
    assert (await api.get(f"/v1/follow-ups/{sent['id']}")).json() == sent


async def test_people_are_told_in_the_workspace_s_own_words(
    api: httpx.AsyncClient, mailing: FastAPI, workspace: UUID, inbox: Inbox
) -> None:
    own = {"event": "declined", "subject": "No: {title}", "body": "Sorry.\n\n{quote}\n\nBecause: {reason}"}
    assert (await api.post("/v1/follow-up-templates", json=own)).status_code == 201
    requirement = await need(api, "{quote} in a title", evidence=await asked_by(api, ("ada@example.com", AGREED)))
    await apply(mailing, handlers(), [reached(workspace, requirement["id"], "declined")])
    await run(mailing, workspace)
    (letter,) = inbox.messages
    assert letter["Subject"] == "No: {quote} in a title"
    words = letter.get_content().replace("\r\n", "\n")
    assert words.startswith("Sorry.\n\n> lose hour 0\n")
    assert "Because" not in words
    assert "No more of these messages" in words


async def test_the_verdict_is_told_whatever_it_says(
    api: httpx.AsyncClient, mailing: FastAPI, workspace: UUID, inbox: Inbox
) -> None:
    requirement = await need(api, evidence=await asked_by(api, ("ada@example.com", AGREED)))
    feature, outcome = uuid4(), uuid4()
    shipped = {"status": "shipped", "requirement_ids": [requirement["id"]]}
    verdict = {"feature_id": str(feature), "verdict": "inconclusive"}
    told = [
        (roadmap_handlers(), "feature.shipped", "feature", feature, shipped),
        (metrics_handlers(), "outcome.measured", "outcome", outcome, verdict),
    ]
    for neighbours, kind, noun, subject, data in told:
        event = news(kind, workspace, subject_type=noun, subject_id=subject, version=1, data=data)
        await apply(mailing, neighbours, [event])
    assert (await api.get(f"/v1/requirements/{requirement['id']}")).json()["status"] == "measured"
    events = [reached(workspace, requirement["id"], "shipped", 2), reached(workspace, requirement["id"], "measured", 3)]
    await apply(mailing, handlers(), events)
    await run(mailing, workspace)
    assert len(inbox.to("ada@example.com")) == 2
    assert "cannot tell yet" in inbox.messages[-1].get_content()
    entry = (await ledger(api, requirement["id"]))["measured", "lose hour 0"]
    assert (entry["verdict"], entry["state"]) == ("inconclusive", "sent")


async def test_a_server_that_is_away_is_tried_again_under_the_same_message_id(
    api: httpx.AsyncClient, mailing: FastAPI, workspace: UUID, inbox: Inbox
) -> None:
    requirement = await need(api, evidence=await asked_by(api, ("ada@example.com", AGREED)))
    inbox.refused["ada@example.com"] = "451 later"
    await apply(mailing, handlers(), [reached(workspace, requirement["id"], "shipped")])
    await run(mailing, workspace)
    waiting = (await ledger(api, requirement["id"]))["shipped", "lose hour 0"]
    assert (waiting["state"], waiting["attempts"], inbox.messages) == ("waiting", 1, [])
    inbox.refused.clear()
    await asyncio.gather(run(mailing, workspace), run(mailing, workspace))
    ids = {letter["Message-ID"] for letter in inbox.messages}
    assert ids == {f"<{waiting['id']}@example.com>"}
    assert (await ledger(api, requirement["id"]))["shipped", "lose hour 0"]["state"] == "sent"


async def test_who_leaves_by_the_link_is_told_no_more(
    api: httpx.AsyncClient, mailing: FastAPI, workspace: UUID, inbox: Inbox
) -> None:
    evidence = await asked_by(api, ("ada@example.com", AGREED))
    first = await need(api, evidence=evidence)
    await apply(mailing, handlers(), [reached(workspace, first["id"], "shipped")])
    await run(mailing, workspace)
    (letter,) = inbox.messages
    link = re.findall(r"https?://\S+", letter.get_content())[-1]
    assert letter["List-Unsubscribe"] == f"<{link}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = link[link.index("/v1/") :]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=mailing), base_url="http://requirements") as anybody:
        page = await anybody.get(address)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "form-action 'self'" in page.headers["content-security-policy"]
        forged = await anybody.get(address[:-3] + "abc")
        assert (forged.status_code, forged.json()["code"]) == (404, "not_found")
        for _ in range(2):
            left = await anybody.post(address, data={"List-Unsubscribe": "One-Click"})
            assert left.status_code == 200, left.text
    second = await need(api, "Another", evidence=evidence)
    await apply(mailing, handlers(), [reached(workspace, second["id"], "declined")])
    await run(mailing, workspace)
    assert len(inbox.messages) == 1
    (entry,) = (await ledger(api, second["id"])).values()
    assert (entry["state"], entry["reason"]) == ("suppressed", "unsubscribed")


async def test_who_leaves_while_the_message_waits_does_not_get_it(
    api: httpx.AsyncClient, mailing: FastAPI, workspace: UUID, inbox: Inbox
) -> None:
    requirement = await need(api, evidence=await asked_by(api, ("ada@example.com", AGREED)))
    await apply(mailing, handlers(), [reached(workspace, requirement["id"], "declined")])
    contact = (await ledger(api, requirement["id"]))["declined", "lose hour 0"]["contact_id"]
    erased = await api.post("/internal/personal-data/erase", json={"contact_id": contact, "emails": [], "ids": []})
    assert erased.status_code == 200, erased.text
    await run(mailing, workspace)
    assert inbox.messages == []
    (entry,) = (await ledger(api, requirement["id"])).values()
    assert (entry["state"], entry["reason"], entry["body"]) == ("suppressed", "no_address", "[erased]")


async def test_without_a_mail_server_the_event_is_the_delivery(caller: Caller, app: FastAPI, workspace: UUID) -> None:
    api = caller()
    requirement = await need(api, evidence=await asked_by(api, (None, AGREED), ("bo@example.com", None)))
    await apply(app, handlers(), [reached(workspace, requirement["id"], "shipped")])
    told = await ledger(api, requirement["id"])
    assert {(each["state"], each["channel"]) for each in told.values()} == {("sent", "event"), ("suppressed", None)}
    assert (await caller(workspace_id=uuid4()).get("/v1/follow-ups")).json()["items"] == []
    chain = await api.post("/internal/trace", json={"ids": [requirement["id"]]})
    edges = {(each["to"], each["kind"]) for each in chain.json()["edges"]}
    assert {(each["id"], "told_by") for each in told.values()} <= edges
