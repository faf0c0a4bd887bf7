"""Share links: a page for whoever holds the address, until it ends; and a log of who came."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import httpx
import pytest
from fastapi import FastAPI

from services.roadmap.exports.formats import FORMATS
from services.roadmap.exports.pages import PAGE_POLICY
from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_audiences import audience, plan

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "User-Agent": "A browser"}


@pytest.fixture
async def visitor(roadmap_app: FastAPI) -> httpx.AsyncClient:
    """Somebody without a key."""
    transport = httpx.ASGITransport(app=roadmap_app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://roadmap", headers=BROWSER)


async def link(story: Story, roadmap: Json, kind: str = "customer", **fields: object) -> Json:
    readers = await audience(story, kind)
    body = {"name": "Advisory board", "roadmap_id": roadmap["id"], "audience_id": readers["id"], **fields}
    return await story.send("POST", "/v1/share-links", status=201, json=body)


async def test_a_link_shows_what_its_audience_sees_and_no_byte_more(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, planned, idea = await plan(story)
    shared = await link(story, roadmap)
    assert shared["url"].endswith(f"/v1/shared/{shared['token']}")
    answer = await visitor.get(f"/v1/shared/{shared['token']}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "Wizard X2" in answer.text
    answers = [answer]
    for form in FORMATS:
        answers.append(await visitor.get(f"/v1/shared/{shared['token']}/export", params={"format": form}))
        assert answers[-1].status_code == 200, form
    for each in answers:
        for secret in ("Nightfall", "Acme", "424200", "4,242", "Platform", planned["id"], idea["id"], roadmap["id"]):
            assert secret.encode() not in each.content, each.url


async def test_the_page_follows_the_living_roadmap_and_the_audience(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, planned, _ = await plan(story)
    shared = await link(story, roadmap)
    path = f"/v1/shared/{shared['token']}"
    before = await visitor.get(path)
    same = await visitor.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert (same.status_code, same.headers["content-security-policy"]) == (304, PAGE_POLICY)
    words = [{"feature_id": planned["id"], "title": "A guided start"}]
    readers = await story.get(f"/v1/audiences/{shared['audience_id']}")
    await story.change(readers, f"/v1/audiences/{readers['id']}", wordings=words)
    after = await visitor.get(path)
    assert "A guided start" in after.text
    assert "Wizard X2" not in after.text
    assert (await visitor.get(path, headers={"If-None-Match": before.headers["etag"]})).status_code == 200


async def test_the_vision_is_for_those_who_may_know_it(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, _, _ = await plan(story)
    await story.send("POST", "/v1/visions", status=201, json={"statement": "Every team knows what came of its work"})
    for kind, may_know in (("investor", True), ("customer", False)):
        shared = await link(story, roadmap, kind)
        page = (await visitor.get(f"/v1/shared/{shared['token']}")).text
        assert ("Every team knows what came of its work" in page) is may_know


async def test_a_link_ends_at_once(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, _, _ = await plan(story)
    shared = await link(story, roadmap)
    path = f"/v1/shared/{shared['token']}"
    revoked = await story.send("POST", f"/v1/share-links/{shared['id']}/revoke", status=200)
    assert revoked["revoked_at"]
    again = await story.send("POST", f"/v1/share-links/{shared['id']}/revoke", status=200)
    assert again["etag"] == revoked["etag"]
    person = await visitor.get(path)
    assert (person.status_code, person.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "This link has ended" in person.text
    program = await visitor.get(path, headers={"Accept": "*/*"})
    assert (program.status_code, program.json()["code"]) == (410, "share_link_ended")
    assert (await visitor.get(f"{path}/export", params={"format": "atom"})).status_code == 410
    assert (await visitor.get("/v1/shared/unknown", headers={"Accept": "*/*"})).json()["code"] == "share_link_unknown"
    assert (await visitor.get("/v1/shared/unknown")).status_code == 404


async def test_a_link_expires(story: Story, visitor: httpx.AsyncClient, roadmap_app: FastAPI) -> None:
    roadmap, _, _ = await plan(story)
    past = {"expires_at": (datetime.now(UTC) - timedelta(days=1)).isoformat()}
    readers = await audience(story, "investor")
    body = {"name": "Board", "roadmap_id": roadmap["id"], "audience_id": readers["id"]}
    await story.refused("POST", "/v1/share-links", 422, json=body | past)
    ahead = datetime.now(UTC) + timedelta(days=1)
    shared = await story.send("POST", "/v1/share-links", status=201, json=body | {"expires_at": ahead.isoformat()})
    assert (await visitor.get(f"/v1/shared/{shared['token']}")).status_code == 200
    context = roadmap_app.state.context
    clock, context.clock = context.clock, _Later(ahead)
    try:
        assert (await visitor.get(f"/v1/shared/{shared['token']}")).status_code == 410
    finally:
        context.clock = clock


class _Later:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


async def test_the_log_counts_visitors_and_names_nobody(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, _, _ = await plan(story)
    shared = await link(story, roadmap)
    path = f"/v1/shared/{shared['token']}"
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        await visitor.get(path, headers={"X-Forwarded-For": address})
    await visitor.get(f"{path}/export", params={"format": "pdf"}, headers={"X-Forwarded-For": "192.0.2.2"})
    log = (await story.get(f"/v1/share-links/{shared['id']}/visits"))["items"]
    assert sorted((each["form"], each["times"]) for each in log) == [("html", 1), ("html", 2), ("pdf", 1)]
    assert len({each["visitor"] for each in log}) == 2
    assert "192.0.2" not in str(log)


async def test_the_token_is_shown_once(story: Story) -> None:
    roadmap, _, _ = await plan(story)
    readers = await audience(story, "customer")
    body = {"name": "Board", "roadmap_id": roadmap["id"], "audience_id": readers["id"]}
    headers = {"Idempotency-Key": str(uuid4())}
    first = await story.send("POST", "/v1/share-links", status=201, json=body, headers=headers)
    replay = await story.send("POST", "/v1/share-links", status=201, json=body, headers=headers)
    assert first["token"]
    assert (replay["id"], replay["token"], replay["url"]) == (first["id"], None, None)
    assert "token" not in await story.get(f"/v1/share-links/{first['id']}")


async def test_what_ships_is_a_feed(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, _, _ = await plan(story)
    shared = await link(story, roadmap)
    answer = await visitor.get(f"/v1/shared/{shared['token']}/export", params={"format": "atom"})
    feed = ET.fromstring(answer.content)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert [each.text for each in feed.findall("a:entry/a:title", names)] == ["Audit export"]
    link_to_itself = feed.find("a:link[@rel='self']", names)
    assert link_to_itself is not None
    assert link_to_itself.get("href") == f"{shared['url']}/export?format=atom"


async def test_links_of_others_do_not_exist(story: Story, caller: Caller, workspace: UUID) -> None:
    roadmap, _, _ = await plan(story)
    shared = await link(story, roadmap)
    stranger = caller(workspace_id=uuid4())
    for path in ("", "/visits"):
        assert (await stranger.get(f"/v1/share-links/{shared['id']}{path}")).status_code == 404
    body = {"name": "Theirs", "roadmap_id": roadmap["id"], "audience_id": shared["audience_id"]}
    refused = await stranger.post("/v1/share-links", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/roadmap_id")
    assert (await stranger.get("/v1/share-links")).json()["items"] == []


async def test_an_audience_takes_its_links_with_it(story: Story, visitor: httpx.AsyncClient) -> None:
    roadmap, _, _ = await plan(story)
    shared = await link(story, roadmap)
    readers = await story.get(f"/v1/audiences/{shared['audience_id']}")
    headers = {"If-Match": readers["etag"]}
    await story.send("DELETE", f"/v1/audiences/{readers['id']}", status=204, headers=headers)
    assert (await visitor.get(f"/v1/shared/{shared['token']}")).status_code == 404


async def test_the_page_is_headed_in_order(story: Story, visitor: httpx.AsyncClient) -> None:
    """WCAG 1.3.1: no level of headings is left out; every picture has a name."""
    roadmap, _, _ = await plan(story)
    shared = await link(story, roadmap, "team")
    page = (await visitor.get(f"/v1/shared/{shared['token']}")).text
    levels = [int(each) for each in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert all(set(each.split()) <= set(ids) for each in re.findall(r'aria-labelledby="([^"]+)"', page))


async def test_a_scenario_is_shown_through_the_same_eyes(story: Story, visitor: httpx.AsyncClient) -> None:
    """In every form: what the audience may not see is in no byte, and that nothing is decided is said in all words."""
    roadmap, planned, idea = await plan(story)
    new = {"roadmap_id": roadmap["id"], "name": "Without Nightfall", "description": "If Acme leaves"}
    scenario = await story.send("POST", "/v1/scenarios", status=201, json=new)
    path = f"/v1/scenarios/{scenario['id']}/items/{planned['id']}"
    headers = {"If-Match": (await story.get(path))["etag"]}
    moved = {"starts_on": "2031-01-01", "ends_on": "2031-02-01", "horizon": "next"}
    await story.send("PUT", path, status=200, json=moved, headers=headers)
    readers = await audience(story, "customer", date_precision="month", dated_days=None)
    body = {"name": "Board", "roadmap_id": roadmap["id"], "audience_id": readers["id"], "scenario_id": scenario["id"]}
    shared = await story.send("POST", "/v1/share-links", status=201, json=body)
    answers = [await visitor.get(f"/v1/shared/{shared['token']}")]
    for form in FORMATS:
        answers.append(await visitor.get(f"/v1/shared/{shared['token']}/export", params={"format": form}))
        assert answers[-1].status_code == 200, form
    for each in answers:
        for secret in ("Nightfall", "Acme", "424200", "4,242", "Platform", planned["id"], idea["id"], scenario["id"]):
            assert secret.encode() not in each.content, each.url
    page = answers[0].text
    assert "Nothing of it is decided." in page
    assert "February 2031" in page
    view = f"/v1/roadmaps/{roadmap['id']}/views/{readers['id']}"
    assert "2031" not in str(await story.get(view))
    assert "2031" in str(await story.get(f"{view}?scenario_id={scenario['id']}"))
    other = await story.roadmap("Other")
    await story.refused("GET", f"/v1/roadmaps/{other['id']}/views/{readers['id']}?scenario_id={scenario['id']}", 404)
    await story.refused("POST", "/v1/share-links", 422, json=body | {"roadmap_id": other["id"]})
    headers = {"If-Match": (await story.get(f"/v1/scenarios/{scenario['id']}"))["etag"]}
    await story.send("DELETE", f"/v1/scenarios/{scenario['id']}", status=204, headers=headers)
    assert (await visitor.get(f"/v1/shared/{shared['token']}")).status_code == 404
