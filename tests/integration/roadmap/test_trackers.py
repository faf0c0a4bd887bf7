"""Issues of the four trackers move features, are shown where they contradict the plan, and never overwrite it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook

from services.roadmap.trackers.providers.all import whose
from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.tracker_events import KEY, Sent, github, gitlab, jira, linear

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY, LAST_WEEK = NOW - timedelta(days=1), NOW - timedelta(days=7)
ISSUES = {
    "github": "https://github.com/octo-org/octo-repo/issues/7",
    "gitlab": "https://gitlab.example.com/group/sub/project/-/issues/23",
    "jira": "https://your-domain.atlassian.net/browse/JRA-20002",
    "linear": "https://linear.app/acme/issue/ENG-123/improve-onboarding",
}


def done(provider: str, *, at: datetime = YESTERDAY, secret: str = KEY) -> Sent:
    """The tracker says that its issue is done."""
    match provider:
        case "github":
            return github(ISSUES["github"], state="closed", at=at, reason="completed", secret=secret)
        case "gitlab":
            return gitlab(ISSUES["gitlab"], state="closed", at=at, secret=secret)
        case "jira":
            resolved = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
            return jira("JRA-20002", status="Done", category="done", at=at, secret=secret, resolutiondate=resolved)
    times = {"startedAt": LAST_WEEK.isoformat(), "completedAt": at.isoformat()}
    return linear(
        ISSUES["linear"], state="Done", kind="completed", at=at, sent=datetime.now(UTC), secret=secret, **times
    )


def begun(provider: str, *, at: datetime = LAST_WEEK) -> Sent:
    if provider == "jira":
        return jira("JRA-20002", status="In Progress", category="indeterminate", at=at)
    started = {"startedAt": at.isoformat()}
    return linear(ISSUES["linear"], state="In Progress", kind="started", at=at, sent=datetime.now(UTC), **started)


@pytest.fixture
def tracker(roadmap_app: FastAPI) -> httpx.AsyncClient:
    """Somebody without any key."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=roadmap_app), base_url="http://roadmap")


async def connect(story: Story, provider: str, **fields: Any) -> Json:
    body = {"name": provider, "provider": provider, "secret": KEY, **fields}
    return await story.send("POST", "/v1/integrations", status=201, json=body)


async def link(story: Story, url: str, **subject: str) -> Json:
    return await story.send("POST", "/v1/issue-links", status=201, json={"url": url, **subject})


async def tell(tracker: httpx.AsyncClient, integration: Json, sent: Sent, *, status: int = 204) -> None:
    headers = {"Content-Type": b"application/json", **{name: text.encode() for name, text in sent.headers.items()}}
    answer = await tracker.post(integration["webhook_path"], content=sent.body, headers=headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("provider", ISSUES)
async def test_an_issue_that_is_done_ships_its_feature_on_that_day(
    story: Story, tracker: httpx.AsyncClient, provider: str
) -> None:
    feature, integration = await story.feature(), await connect(story, provider)
    linked = await link(story, ISSUES[provider], feature_id=feature["id"])
    await tell(tracker, integration, done(provider))
    shipped = await story.get(f"/v1/features/{feature['id']}")
    assert (shipped["status"], datetime.fromisoformat(shipped["shipped_at"])) == ("shipped", YESTERDAY)
    if provider == "linear":
        assert datetime.fromisoformat(shipped["started_at"]) == LAST_WEEK
    seen = await story.get(f"/v1/issue-links/{linked['id']}")
    assert (seen["reported_status"], seen["contradictions"]) == ("shipped", [])
    heard = await story.get(f"/v1/integrations/{integration['id']}")
    assert heard["last_heard_at"] is not None
    assert KEY not in json.dumps([integration, heard])


@pytest.mark.parametrize("provider", ISSUES)
async def test_only_what_the_tracker_signed_is_believed(
    story: Story, tracker: httpx.AsyncClient, provider: str
) -> None:
    feature, integration = await story.feature(), await connect(story, provider)
    await link(story, ISSUES[provider], feature_id=feature["id"])
    genuine = done(provider)
    forged = [
        done(provider, secret="Another-Secret-of-Nobody"),
        replace(genuine, headers={}),
        replace(genuine, headers=dict.fromkeys(genuine.headers, "sha256=")),
        replace(genuine, headers=dict.fromkeys(genuine.headers, "sha256=\u00e4")),
    ]
    if provider != "gitlab":  # whose token says nothing of the body
        forged.append(replace(genuine, body=genuine.body.replace(b"octo", b"evil").replace(b"2026", b"2025")))
    for sent in forged:
        await tell(tracker, integration, sent, status=401)
    nobody = {**integration, "webhook_path": f"/v1/integrations/{uuid4()}/webhook"}
    await tell(tracker, nobody, genuine, status=401)
    assert (await story.get(f"/v1/features/{feature['id']}"))["status"] == "proposed"


async def test_an_old_event_of_linear_is_a_replay(story: Story, tracker: httpx.AsyncClient) -> None:
    integration = await connect(story, "linear")
    earlier = datetime.now(UTC) - timedelta(minutes=2)
    sent = linear(ISSUES["linear"], state="Done", kind="completed", at=YESTERDAY, sent=earlier)
    await tell(tracker, integration, sent, status=401)


async def test_events_come_twice_and_out_of_order(story: Story, tracker: httpx.AsyncClient, feed: Any) -> None:
    feature, integration = await story.feature(), await connect(story, "jira")
    linked = await link(story, ISSUES["jira"], feature_id=feature["id"])
    for sent in (done("jira"), done("jira"), begun("jira"), done("jira")):
        await tell(tracker, integration, sent)
    told = [each["type"] for each in await feed() if each["subject"] in {feature["id"], linked["id"]}]
    assert told == ["feature.created", "issue_link.created", "issue_link.reported", "feature.shipped"]
    assert (await story.get(f"/v1/issue-links/{linked['id']}"))["state"] == "Done"


async def test_a_feature_ships_when_all_its_issues_are_done(story: Story, tracker: httpx.AsyncClient) -> None:
    feature = await story.feature()
    for provider in ("github", "jira"):
        await link(story, ISSUES[provider], feature_id=feature["id"])
    board = await connect(story, "jira")
    await tell(tracker, board, begun("jira"))
    moved = await story.get(f"/v1/features/{feature['id']}")
    assert (moved["status"], datetime.fromisoformat(moved["started_at"])) == ("in_progress", LAST_WEEK)
    await tell(tracker, board, done("jira"))
    assert (await story.get(f"/v1/features/{feature['id']}"))["status"] == "in_progress"
    await tell(tracker, await connect(story, "github"), done("github", at=NOW))
    shipped = await story.get(f"/v1/features/{feature['id']}")
    assert (shipped["status"], datetime.fromisoformat(shipped["shipped_at"])) == ("shipped", NOW)


async def test_what_people_decided_is_never_overwritten(story: Story, tracker: httpx.AsyncClient) -> None:
    stopped, shipped = await story.feature("Stopped"), await story.feature("Shipped")
    stopped = await story.transition(stopped, "on_hold", reason="Legal has questions")
    shipped = await story.transition(shipped, "shipped", at=(NOW - timedelta(days=30)).isoformat())
    links = [await link(story, ISSUES["jira"], feature_id=each["id"]) for each in (stopped, shipped)]
    board = await connect(story, "jira")
    await tell(tracker, board, begun("jira"))
    on_hold, over = [(await story.get(f"/v1/issue-links/{each['id']}"))["contradictions"] for each in links]
    assert on_hold == [{"field": "status", "plan": "on_hold", "tracker": "in_progress"}]
    assert over == [{"field": "status", "plan": "shipped", "tracker": "in_progress"}]
    await tell(tracker, board, done("jira"))
    late = (await story.get(f"/v1/issue-links/{links[1]['id']}"))["contradictions"]
    assert [each["field"] for each in late] == ["shipped_at"]
    for feature in (stopped, shipped):
        assert await story.get(f"/v1/features/{feature['id']}") == feature
    listed = await story.get(f"/v1/issue-links?feature_id={stopped['id']}")
    assert [each["contradictions"][0]["plan"] for each in listed["items"]] == ["on_hold"]


async def test_a_team_says_what_its_states_mean(story: Story, tracker: httpx.AsyncClient) -> None:
    feature = await story.feature()
    linked = await link(story, ISSUES["jira"], feature_id=feature["id"])
    board = await connect(story, "jira", status_mapping={"in progress": "planned", "Done": None})
    await tell(tracker, board, begun("jira"))
    assert (await story.get(f"/v1/features/{feature['id']}"))["status"] == "planned"
    await tell(tracker, board, done("jira"))
    assert (await story.get(f"/v1/features/{feature['id']}"))["status"] == "planned"
    seen = await story.get(f"/v1/issue-links/{linked['id']}")
    assert (seen["state"], seen["phase"], seen["reported_status"]) == ("Done", "done", None)


async def test_a_requirement_hears_of_its_issue(story: Story, tracker: httpx.AsyncClient, feed: Any) -> None:
    requirement = story.neighbours.requirement(story.workspace, status="declined")
    linked = await link(story, ISSUES["github"], requirement_id=str(requirement))
    await tell(tracker, await connect(story, "github"), done("github"))
    seen = await story.get(f"/v1/issue-links/{linked['id']}")
    assert seen["contradictions"] == [{"field": "status", "plan": "declined", "tracker": "shipped"}]
    [told] = [
        each["data"]
        for each in await feed()
        if each["type"] == "issue_link.reported" and each["subject"] == linked["id"]
    ]
    assert (told["requirement_id"], told["reported_status"]) == (str(requirement), "shipped")
    assert "README" not in json.dumps(told)


async def test_two_secrets_are_believed_while_one_follows_the_other(story: Story, tracker: httpx.AsyncClient) -> None:
    integration = await connect(story, "github")
    path = f"/v1/integrations/{integration['id']}/rotate"
    rotated = await story.send("POST", path, status=200, json={"overlap_hours": 1})
    for secret in (KEY, rotated["secret"]):
        await tell(tracker, integration, done("github", secret=secret))
    await story.send("POST", path, status=200, json={"overlap_hours": 0})
    await tell(tracker, integration, done("github", secret=rotated["secret"]), status=401)


async def test_events_about_something_else_are_fine_and_nonsense_is_not(
    story: Story, tracker: httpx.AsyncClient
) -> None:
    integration = await connect(story, "gitlab")
    token = {"X-Gitlab-Token": KEY}
    await tell(tracker, integration, Sent(token, b'{"object_kind": "push", "ref": "refs/heads/main"}'))
    for nonsense in (b"{", b"[]", b'{"object_kind": "issue"}', b'{"object_kind": "issue", "object_attributes": 7}'):
        await tell(tracker, integration, Sent(token, nonsense), status=422)


async def test_gitlab_signs_with_the_key_that_was_made_for_it(story: Story, tracker: httpx.AsyncClient) -> None:
    """Signed here by the library of Standard Webhooks, whose scheme a signing token of GitLab follows."""
    integration = await story.send(
        "POST", "/v1/integrations", status=201, json={"name": "GitLab", "provider": "gitlab"}
    )
    feature = await story.feature()
    await link(story, ISSUES["gitlab"], feature_id=feature["id"])
    unsigned, now = done("gitlab"), datetime.now(UTC)  # the module's own moment may be minutes ago

    def signed(*, secret: str = integration["secret"], at: datetime = now, body: bytes = unsigned.body) -> Sent:
        signature = Webhook(secret).sign("f5e5f430", at, unsigned.body.decode())
        times = {"webhook-id": "f5e5f430", "webhook-timestamp": str(int(at.timestamp()))}
        return Sent({**times, "webhook-signature": f"v1,bm90aGluZw== {signature}"}, body)

    genuine = signed()
    for forged in (
        signed(secret="whsec_bm90aGluZw=="),
        signed(at=now - timedelta(minutes=6)),
        signed(body=unsigned.body.replace(b"closed", b"opened")),
        replace(genuine, headers={**genuine.headers, "webhook-id": "another"}),
        replace(genuine, headers={**genuine.headers, "webhook-timestamp": "soon"}),
        replace(genuine, headers={"webhook-signature": genuine.headers["webhook-signature"]}),
    ):
        await tell(tracker, integration, forged, status=401)
    assert (await story.get(f"/v1/features/{feature['id']}"))["status"] == "proposed"
    await tell(tracker, integration, genuine)
    assert (await story.get(f"/v1/features/{feature['id']}"))["status"] == "shipped"
    plain = await connect(story, "gitlab", name="An old one")
    await tell(tracker, plain, signed(), status=401)


async def test_another_workspace_is_not_reached(story: Story, tracker: httpx.AsyncClient, caller: Caller) -> None:
    other = Story(caller(workspace_id=UUID(int=uuid4().int)), story.neighbours, uuid4())
    theirs = await other.feature()
    await link(other, ISSUES["github"], feature_id=theirs["id"])
    await tell(tracker, await connect(story, "github"), done("github"))
    assert (await other.get(f"/v1/features/{theirs['id']}"))["status"] == "proposed"


async def test_a_link_is_made_once_and_to_what_exists(story: Story) -> None:
    feature = await story.feature()
    await link(story, ISSUES["github"], feature_id=feature["id"])
    same = {"url": ISSUES["github"] + "#issuecomment-1", "feature_id": feature["id"]}
    await story.refused("POST", "/v1/issue-links", 409, json=same)
    for body in (
        {"url": ISSUES["github"], "feature_id": str(uuid4())},
        {"url": ISSUES["github"], "requirement_id": str(uuid4())},
        {"url": "https://example.com/", "feature_id": feature["id"]},
        {"url": ISSUES["github"], "provider": "jira", "feature_id": feature["id"]},
        {"url": ISSUES["github"]},
    ):
        await story.refused("POST", "/v1/issue-links", 422, json=body)


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://github.com/Octo-Org/octo-repo/issues/7?x=1", ("github", "github.com/octo-org/octo-repo/issues/7")),
        ("https://gitlab.com/a/b/c/-/work_items/9", ("gitlab", "gitlab.com/a/b/c/-/issues/9")),
        ("https://jira.example.com/jira/browse/ab-1", ("jira", "jira.example.com/browse/ab-1")),
        ("https://linear.app/acme/issue/ENG-1", ("linear", "linear.app/acme/issue/eng-1")),
        ("https://github.com/octo-org/octo-repo/pull/7", None),
    ],
)
def test_an_issue_has_one_name_however_its_address_is_written(url: str, known: object) -> None:
    assert whose(url) == known
