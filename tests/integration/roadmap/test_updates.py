"""Stakeholder updates: what changed, told to those who may know it, once somebody approved; and what they answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.identity import Principal
from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.app import build_service
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.updates.privacy import Correspondence
from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.neighbours import Neighbours
from tests.integration.roadmap.settings import settings_of
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_audiences import audience, plan
from tests.migrated import MigratedDatabases
from tests.smtp import Inbox


@pytest_asyncio.fixture
async def mailing_app(
    migrated: MigratedDatabases,
    neighbours: Neighbours,
    inbox: Inbox,
) -> AsyncIterator[FastAPI]:
    """A process with a mail server and a database of its own: jobs are taken up by whichever process is first."""
    own = await migrated.database("roadmap")
    app = build_service(RoadmapContext.build(settings_of(own, neighbours_url=neighbours.url, **inbox.settings)))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def mailing(caller: Caller, neighbours: Neighbours, workspace: UUID, mailing_app: FastAPI) -> Story:
    return Story(caller(app=mailing_app), neighbours, workspace)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.05)


async def drafted(story: Story, roadmap: Json, readers: Json, **fields: object) -> Json:
    body = {"roadmap_id": roadmap["id"], "audience_id": readers["id"], **fields}
    return await story.send("POST", "/v1/updates", status=201, json=body)


async def sent(story: Story, update: Json) -> Json:
    await story.send("POST", f"/v1/updates/{update['id']}/approve", status=200)
    return await story.send("POST", f"/v1/updates/{update['id']}/send", status=200)


async def test_each_update_tells_what_changed_since_the_last(story: Story) -> None:
    roadmap, planned, _ = await plan(story)
    readers = await audience(story, "customer", notice="")
    first = await drafted(story, roadmap, readers)
    assert first["title"] == "Product 2027: where we stand"
    assert first["body"].startswith("Shipped\n- Audit export (Q")
    assert "New on the plan\n- Wizard X2 (Q" in first["body"]
    assert "Nightfall" not in first["body"]
    await sent(story, first)
    nothing = await drafted(story, roadmap, readers)
    assert (nothing["body"], nothing["since_id"]) == ("Nothing has changed since then.", first["id"])
    await story.transition(await story.get(f"/v1/features/{planned['id']}"), "in_progress")
    await story.transition(await story.get(f"/v1/features/{planned['id']}"), "shipped")
    second = await drafted(story, roadmap, readers)
    assert second["body"].startswith("Shipped\n- Wizard X2 (Q")
    assert "Audit export" not in second["body"]


async def test_nothing_goes_out_that_nobody_approved(story: Story) -> None:
    roadmap, _, _ = await plan(story)
    update = await drafted(story, roadmap, await audience(story, "customer"))
    path = f"/v1/updates/{update['id']}"
    problem = await story.refused("POST", f"{path}/send", 409)
    assert problem["code"] == "update_not_ready"
    approved = await story.send("POST", f"{path}/approve", status=200)
    assert (approved["status"], approved["approved_by"]) == ("approved", "key:test")
    changed = await story.change(approved, path, title="What we shipped")
    assert (changed["status"], changed["approved_by"]) == ("draft", None)
    await story.refused("POST", f"{path}/send", 409)
    done = await sent(story, update)
    assert (done["status"], done["title"]) == ("sent", "What we shipped")
    headers = {"If-Match": done["etag"]}
    await story.refused("PATCH", path, 409, json={"title": "Too late"}, headers=headers)
    await story.refused("DELETE", path, 409, headers=headers)


async def test_without_a_mail_server_nobody_is_mailed_to(story: Story) -> None:
    roadmap, _, _ = await plan(story)
    update = await drafted(story, roadmap, await audience(story, "customer"), recipients=["ada@example.com"])
    await story.send("POST", f"/v1/updates/{update['id']}/approve", status=200)
    problem = await story.refused("POST", f"/v1/updates/{update['id']}/send", 409)
    assert problem["code"] == "mail_not_configured"
    assert (await story.get(f"/v1/updates/{update['id']}"))["status"] == "approved"


async def test_each_recipient_gets_a_mail_of_their_own(mailing: Story, inbox: Inbox) -> None:
    roadmap, _, _ = await plan(mailing)
    readers = await audience(mailing, "customer")
    inbox.refused["gone@example.com"] = "550 no such user"
    update = await drafted(
        mailing, roadmap, readers, recipients=["Ada@example.com", "bo@example.com", "gone@example.com"]
    )
    await sent(mailing, update)

    async def is_settled() -> bool:
        shown = await mailing.get(f"/v1/updates/{update['id']}")
        return all(each["delivery"] != "waiting" for each in shown["recipients"])

    await until(is_settled)
    shown = await mailing.get(f"/v1/updates/{update['id']}")
    assert {each["email"]: each["delivery"] for each in shown["recipients"]} == {
        "ada@example.com": "taken",
        "bo@example.com": "taken",
        "gone@example.com": "refused",
    }
    assert [each["To"] for each in inbox.messages] == ["ada@example.com", "bo@example.com"]
    assert all(each["Subject"] == update["title"] for each in inbox.messages)
    assert "Audit export" in inbox.messages[0].get_content()
    assert "bo@example.com" not in str(inbox.messages[0])
    again = await drafted(mailing, roadmap, readers)
    assert [each["email"] for each in again["recipients"]] == ["ada@example.com", "bo@example.com", "gone@example.com"]


async def test_an_answer_becomes_feedback_and_leaves_no_word_behind(story: Story, neighbours: Neighbours) -> None:
    roadmap, _, _ = await plan(story)
    update = await drafted(story, roadmap, await audience(story, "customer"))
    path = f"/v1/updates/{update['id']}/replies"
    answer = {"text": "The export is still slow", "email": "Ada@example.com"}
    await story.refused("POST", path, 409, json=answer)
    await sent(story, update)
    reply = await story.send("POST", path, status=201, json=answer)

    async def is_handed_over() -> bool:
        return bool((await story.get(path))["items"][0]["feedback_id"])

    await until(is_handed_over)
    feedback = neighbours.answers[reply["id"]]
    assert (feedback["text"], feedback["contact"]) == (answer["text"], {"email": "ada@example.com"})
    assert (feedback["source"], feedback["of"]) == ("stakeholder-update", str(story.workspace))
    (kept,) = (await story.get(path))["items"]
    assert kept["feedback_id"] == feedback["id"]
    assert "text" not in kept


async def test_an_update_knows_its_readers_as_they_may_see(story: Story) -> None:
    """What an audience may no longer see is not told as gone by its name."""
    roadmap, planned, _ = await plan(story)
    readers = await audience(story, "customer", notice="")
    await sent(story, await drafted(story, roadmap, readers))
    hidden = [{"feature_id": planned["id"], "is_hidden": True}]
    await story.change(readers, f"/v1/audiences/{readers['id']}", wordings=hidden)
    update = await drafted(story, roadmap, readers)
    assert update["body"] == "No longer on the plan\n- one feature"


async def test_a_person_is_shown_and_erased(story: Story, roadmap_app: FastAPI) -> None:
    roadmap, _, _ = await plan(story)
    update = await drafted(
        story, roadmap, await audience(story, "customer"), recipients=["ada@example.com", "bo@example.com"]
    )
    context = roadmap_app.state.context
    subject = DataSubject(contact_id=uuid4(), emails=["ada@example.com"])
    work = UnitOfWork(context, Principal("system:tests", "system", story.workspace))
    shown = await Correspondence().export(work.session, subject)
    assert [each["email"] for each in shown["update_recipient"]] == ["ada@example.com"]
    touched = await Correspondence().erase(work, subject)
    await work.session.commit()
    await work.close()
    assert touched == {"update_recipient": 1, "update_reply": 0}
    left = (await story.get(f"/v1/updates/{update['id']}"))["recipients"]
    assert [each["email"] for each in left] == ["bo@example.com"]


async def test_updates_of_others_do_not_exist(story: Story, caller: Caller) -> None:
    roadmap, _, _ = await plan(story)
    readers = await audience(story, "customer")
    update = await drafted(story, roadmap, readers)
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/updates/{update['id']}")).status_code == 404
    assert (await stranger.post(f"/v1/updates/{update['id']}/send")).status_code == 404
    body = {"roadmap_id": roadmap["id"], "audience_id": readers["id"]}
    assert (await stranger.post("/v1/updates", json=body)).status_code == 422
