"""Who subscribed is told of what is late, at risk or declined: by mail or event, each occasion once."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest_asyncio

from services.chassis.identity import system_principal
from services.chassis.privacy.holdings import DataSubject, erase_all, export_all
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.clients.context import RoadmapContext, open_clients
from services.roadmap.privacy import PERSONAL
from services.roadmap.subscriptions.telling import tell_everybody
from tests.integration.roadmap.neighbours import Neighbours
from tests.integration.roadmap.settings import settings_of
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_coordination import LONG_AGO, answer, commitment, handoff, team
from tests.postgres import DatabaseAddress
from tests.smtp import Inbox, inbox

__all__ = ["inbox"]
ANA = "ana@example.com"


@pytest_asyncio.fixture
async def teller(
    roadmap_database: DatabaseAddress, neighbours: Neighbours, inbox: Inbox
) -> AsyncIterator[RoadmapContext]:
    """The part of a process that tells subscribers, with a mail server of its own."""
    settings = settings_of(roadmap_database, neighbours_url=neighbours.url)
    context = RoadmapContext.build(settings.model_copy(update=inbox.settings))
    async with open_clients(context):
        yield context
    await context.database.close()


async def subscribe(story: Story, **fields: Any) -> Json:
    return await story.send("POST", "/v1/subscriptions", status=201, json=fields)


async def ledger(story: Story, subscription: Json) -> list[tuple[str, str, str]]:
    page = await story.get(f"/v1/subscriptions/{subscription['id']}/notifications")
    return [(each["topic"], each["subject_kind"], each["delivery"]) for each in page["items"]]


async def test_each_occasion_is_mailed_once(story: Story, teller: RoadmapContext, inbox: Inbox) -> None:
    law, core = await team(story, "Law"), await team(story, "Core")
    subscription = await subscribe(story, channel="mail", email=ANA)
    terms = await commitment(story, law, title="Check the terms")
    await handoff(story, law, core, due_on=LONG_AGO, title="Texts")
    for _ in range(3):
        await tell_everybody(teller)
    assert [each["Subject"] for each in inbox.to(ANA)] == ["Hand-off overdue since 15 January 2026: Texts"]
    await answer(story, terms, "flag_risk", reason="The lawyer is away.")
    await tell_everybody(teller)
    await answer(story, terms, "decline", reason="Nobody is there.")
    await tell_everybody(teller)
    subjects = [each["Subject"].partition(",")[0] for each in inbox.to(ANA)]
    assert subjects[1:] == ["Commitment at risk", "Commitment declined"]
    assert len({each["Message-ID"] for each in inbox.to(ANA)}) == 3
    assert await ledger(story, subscription) == [
        ("declined", "commitment", "delivered"),
        ("at_risk", "commitment", "delivered"),
        ("overdue", "handoff", "delivered"),
    ]


async def test_who_asked_for_less_is_told_of_less(story: Story, teller: RoadmapContext, inbox: Inbox) -> None:
    law, core = await team(story, "Law"), await team(story, "Core")
    await subscribe(story, channel="mail", email=ANA, topics=["declined"])
    await subscribe(story, channel="mail", email="bo@example.com", team_id=core["id"])
    await commitment(story, law, due_on=LONG_AGO, title="Late")
    await answer(story, await commitment(story, law, title="Never"), "decline", reason="No.")
    await answer(story, await commitment(story, law, title="For us", for_team_id=core["id"]), "decline", reason="No.")
    await tell_everybody(teller)
    assert sorted(each["Subject"].rpartition(": ")[2] for each in inbox.to(ANA)) == ["For us", "Never"]
    assert [each["Subject"].rpartition(": ")[2] for each in inbox.to("bo@example.com")] == ["For us"]


async def test_packages_and_milestones_of_a_release_are_watched(
    story: Story, teller: RoadmapContext, inbox: Inbox
) -> None:
    release = {"name": "Spring", "target_on": "2026-02-01"}
    release = await story.send("POST", "/v1/releases", status=201, json=release)
    package = {"title": "Train support", "function": "support", "days_before_launch": 5}
    await story.send("POST", f"/v1/releases/{release['id']}/work-packages", status=201, json=package)
    milestone = {"title": "Beta", "due_on": LONG_AGO, "release_id": release["id"]}
    await story.send("POST", "/v1/milestones", status=201, json=milestone)
    await story.send("POST", "/v1/milestones", status=201, json={"title": "Fair", "due_on": LONG_AGO})
    await subscribe(story, channel="mail", email=ANA, release_id=release["id"])
    await tell_everybody(teller)
    assert sorted(each["Subject"] for each in inbox.to(ANA)) == [
        "Milestone overdue since 15 January 2026: Beta",
        "Work package overdue since 27 January 2026: Train support",
    ]


async def test_events_carry_it_to_webhooks_without_words(story: Story, teller: RoadmapContext, feed: Any) -> None:
    law = await team(story, "Law")
    subscription = await subscribe(story)
    late = await commitment(story, law, due_on=LONG_AGO, title="Secret terms")
    for _ in range(2):
        await tell_everybody(teller)
    told = [event for event in await feed() if event["workspaceid"] == str(story.workspace)]
    raised = [event for event in told if event["type"] == "notification.raised"]
    assert [(event["data"]["subject_id"], event["data"]["topic"]) for event in raised] == [(late["id"], "overdue")]
    assert "Secret" not in str(told)
    assert await ledger(story, subscription) == [("overdue", "commitment", "delivered")]


async def test_a_refused_address_is_given_up_and_a_busy_server_tried_again(
    story: Story, teller: RoadmapContext, inbox: Inbox
) -> None:
    law = await team(story, "Law")
    gone = await subscribe(story, channel="mail", email="gone@example.com")
    busy = await subscribe(story, channel="mail", email="busy@example.com")
    await commitment(story, law, due_on=LONG_AGO)
    inbox.refused |= {"gone@example.com": "550 no such user", "busy@example.com": "451 try again"}
    await tell_everybody(teller)
    assert await ledger(story, gone) == [("overdue", "commitment", "refused")]
    assert await ledger(story, busy) == [("overdue", "commitment", "pending")]
    page = await story.get(f"/v1/subscriptions/{busy['id']}/notifications")
    assert page["items"][0]["attempts"] == 1


async def test_an_address_is_shown_and_erased_with_its_person(story: Story, teller: RoadmapContext) -> None:
    subscription = await subscribe(story, channel="mail", email=ANA)
    person = DataSubject(contact_id=UUID(int=7), emails=[ANA])
    principal = system_principal("roadmap", workspace_id=story.workspace)
    async with teller.database.transaction(workspace_id=story.workspace) as session:
        work = UnitOfWork(teller, principal, session=session)
        shown = await export_all(PERSONAL, work, person)
        assert [each["email"] for each in shown["subscription"]] == [ANA]
        assert (await erase_all(PERSONAL, work, person))["subscription"] == 1
        await work.audit.write()
    await story.refused("GET", f"/v1/subscriptions/{subscription['id']}", 404)
    async with teller.database.transaction(workspace_id=story.workspace) as session:
        assert await erase_all(PERSONAL, UnitOfWork(teller, principal, session=session), person) == {}


async def test_mail_needs_an_address_and_only_mail(story: Story) -> None:
    for wrong in ({"channel": "mail"}, {"email": ANA}, {"topics": []}, {"channel": "mail", "email": "nobody"}):
        await story.refused("POST", "/v1/subscriptions", 422, json=wrong)
    made = await subscribe(story)
    changed = await story.change(made, f"/v1/subscriptions/{made['id']}", topics=["overdue", "overdue"])
    assert changed["topics"] == ["overdue"]
    headers = {"If-Match": changed["etag"]}
    await story.send("DELETE", f"/v1/subscriptions/{made['id']}", status=204, headers=headers)
