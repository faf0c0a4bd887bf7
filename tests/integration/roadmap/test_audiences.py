"""One plan, many views: what each audience gets, in every form."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.roadmap.exports.formats import FORMATS
from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story

TODAY = datetime.now(UTC).date()


async def audience(story: Story, kind: str, **fields: object) -> Json:
    body = {"name": f"The {kind}", "kind": kind, **fields}
    return await story.send("POST", "/v1/audiences", status=201, json=body)


async def plan(story: Story) -> tuple[Json, Json, Json]:
    """A roadmap with something shipped, something planned and a secret idea."""
    team = {"name": "Platform", "function": "engineering", "staff": [{"skill": "backend", "people": 2}]}
    platform = await story.send("POST", "/v1/teams", status=201, json=team)
    package = {"skill": "backend", "team_id": platform["id"], "low_days": 5, "likely_days": 8, "high_days": 15}
    roadmap = await story.roadmap()
    shipped = await story.transition(await story.feature("Audit export"), "shipped")
    planned = await story.feature(
        "Wizard X2",
        description="Because Acme threatens to leave",
        effort_days=12,
        cost={"amount_minor": 4_242_00, "currency": "EUR"},
        depends_on=[shipped["id"]],
        work_packages=[package],
    )
    planned = await story.transition(planned, "planned")
    idea = await story.feature("Project Nightfall")
    begin, end = TODAY + timedelta(days=10), TODAY + timedelta(days=40)
    await story.place(roadmap, shipped)
    await story.place(roadmap, planned, starts_on=begin.isoformat(), ends_on=end.isoformat())
    await story.place(roadmap, idea, horizon="later")
    return roadmap, planned, idea


async def test_the_same_plan_is_another_page_for_each(story: Story) -> None:
    roadmap, planned, _ = await plan(story)
    words = [{"feature_id": planned["id"], "title": "A guided start"}]
    team, customers = await audience(story, "team"), await audience(story, "customer", wordings=words)
    views = f"/v1/roadmaps/{roadmap['id']}/views"
    assert [each["name"] for each in (await story.get(views))["items"]] == ["The customer", "The team"]
    theirs = await story.get(f"{views}/{customers['id']}")
    ours = await story.get(f"{views}/{team['id']}")
    assert [item["title"] for item in theirs["items"]] == ["A guided start", "Audit export"]
    assert [item["title"] for item in ours["items"]] == ["Wizard X2", "Project Nightfall", "Audit export"]
    mine, told = ours["items"][0], theirs["items"][0]
    assert (mine["teams"], mine["cost"]["amount_minor"], mine["feature_id"]) == (["Platform"], 424_200, planned["id"])
    assert (told["teams"], told["cost"], told["feature_id"], told["description"]) == ([], None, None, None)
    assert re.fullmatch(r"Q\d \d{4}( to Q\d \d{4})?", told["when"])
    assert mine["needs"] == [item["key"] for item in ours["items"] if item["title"] == "Audit export"]
    assert sum(week["load_days"] for week in ours["loads"][0]["weeks"]) == pytest.approx(8, abs=0.1)
    assert theirs["loads"] == []


async def test_every_form_tells_customers_no_more(story: Story, caller: Caller) -> None:
    roadmap, planned, idea = await plan(story)
    customers = await audience(story, "customer")
    path = f"/v1/roadmaps/{roadmap['id']}/views/{customers['id']}/export"
    client = caller()
    for form in FORMATS:
        answer = await client.get(path, params={"format": form})
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        for secret in ("Nightfall", "Acme", "424200", "4,242", "Platform", planned["id"], idea["id"]):
            assert secret.encode() not in answer.content, form
    assert (await client.get(path, params={"format": "docx"})).status_code == 422


async def test_what_is_left_open_is_usual_for_the_kind(story: Story) -> None:
    investors = await audience(story, "investor", dated_days=30)
    assert (investors["date_precision"], investors["commitment"], investors["dated_days"]) == (
        "quarter",
        "committed",
        30,
    )
    assert "forward-looking" in investors["notice"]
    changed = await story.change(investors, f"/v1/audiences/{investors['id']}", date_precision="later", notice="")
    assert (changed["date_precision"], changed["notice"], changed["commitment"]) == ("later", "", "committed")


async def test_words_are_about_features_that_exist_and_names_are_taken_once(story: Story) -> None:
    words = [{"feature_id": str(uuid4()), "title": "Nothing"}]
    body = {"name": "Customers", "kind": "customer"}
    problem = await story.refused("POST", "/v1/audiences", 422, json=body | {"wordings": words})
    assert problem["errors"][0]["pointer"] == "/wordings/0/feature_id"
    await story.send("POST", "/v1/audiences", status=201, json=body)
    await story.refused("POST", "/v1/audiences", 409, json=body)


async def test_another_workspace_sees_no_view(story: Story, caller: Caller) -> None:
    roadmap, _, _ = await plan(story)
    team = await audience(story, "team")
    stranger = caller(workspace_id=uuid4())
    for path in (f"/v1/roadmaps/{roadmap['id']}/views", f"/v1/roadmaps/{roadmap['id']}/views/{team['id']}"):
        assert (await stranger.get(path)).status_code == 404
