"""Features: made from requirements that exist, kept in order, shipped with their promises."""

from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Story


def effect(kpi_id: str, **more: Any) -> dict[str, Any]:
    return {
        "kpi_id": kpi_id,
        "direction": "increase",
        "low": 1,
        "likely": 2,
        "high": 4,
        "due_on": "2027-03-31",
    } | more


async def test_a_requirement_made_a_moment_ago_is_found(story: Story) -> None:
    requirement, kpi = story.neighbours.requirement(story.workspace), story.neighbours.kpi(story.workspace)
    feature = await story.feature(
        requirement_ids=[requirement],
        expected_effects=[effect(kpi)],
        cost={"amount_minor": 1200, "currency": "EUR"},
        metadata={"team": "export"},
    )
    assert feature["requirement_ids"] == [requirement]
    assert feature["expected_effects"] == [effect(kpi)]
    assert (feature["status"], feature["cost"]) == ("proposed", {"amount_minor": 1200, "currency": "EUR"})
    assert feature["metadata"] == {"team": "export"}
    assert await story.get(f"/v1/features/{feature['id']}") == feature


async def test_what_does_not_exist_is_named(story: Story) -> None:
    known, foreign = story.neighbours.requirement(story.workspace), story.neighbours.requirement(uuid4())
    body = {
        "title": "Export",
        "requirement_ids": [known, foreign],
        "expected_effects": [effect(str(uuid4()))],
    }
    problem = await story.refused("POST", "/v1/features", 422, json=body)
    assert (problem["code"], [each["pointer"] for each in problem["errors"]]) == (
        "unknown_reference",
        ["/requirement_ids/1"],
    )
    body["requirement_ids"] = [known]
    problem = await story.refused("POST", "/v1/features", 422, json=body)
    assert [each["pointer"] for each in problem["errors"]] == ["/expected_effects/0/kpi_id"]
    for field in ("objective_ids", "depends_on"):
        problem = await story.refused("POST", "/v1/features", 422, json={"title": "Export", field: [str(uuid4())]})
        assert [each["pointer"] for each in problem["errors"]] == [f"/{field}/0"]


async def test_while_the_neighbour_is_down_the_copy_answers(story: Story, caller: Caller, lonely_app: FastAPI) -> None:
    known, unseen = story.neighbours.requirement(story.workspace), story.neighbours.requirement(story.workspace)
    await story.feature(requirement_ids=[known])
    lonely = Story(caller(app=lonely_app), story.neighbours, story.workspace)
    assert (await lonely.feature(requirement_ids=[known]))["requirement_ids"] == [known]
    problem = await lonely.refused("POST", "/v1/features", 503, json={"title": "New", "requirement_ids": [unseen]})
    assert problem["code"] == "neighbour_unavailable"
    assert (await lonely.feature("No neighbour needed"))["status"] == "proposed"


async def test_a_patch_replaces_lists_and_deletes_with_null(story: Story) -> None:
    first, second = (story.neighbours.kpi(story.workspace) for _ in range(2))
    needed = await story.feature("Needed")
    feature = await story.feature(
        expected_effects=[effect(first)], depends_on=[needed["id"]], deadline="2027-05-01", value=3.25
    )
    path = f"/v1/features/{feature['id']}"
    changed = await story.change(
        feature, path, expected_effects=[effect(first, high=9), effect(second)], depends_on=[], deadline=None
    )
    assert {each["kpi_id"]: each["high"] for each in changed["expected_effects"]} == {first: 9, second: 4}
    assert (changed["depends_on"], changed["deadline"], changed["value"]) == ([], None, 3.25)
    assert changed["etag"] != feature["etag"]
    stale = await story.refused("PATCH", path, 412, json={"value": 1}, headers={"If-Match": feature["etag"]})
    assert stale["code"] == "stale_etag"
    await story.refused("PATCH", path, 428, json={"value": 1})
    await story.refused("PATCH", path, 422, json={"title": None}, headers={"If-Match": "*"})


async def test_a_promise_stays_that_of_who_made_it(story: Story, caller: Caller, feed: Any) -> None:
    first, second = sorted(story.neighbours.kpi(story.workspace) for _ in range(2))
    feature = await story.feature(expected_effects=[effect(first), effect(second)])
    other = Story(caller(principal_id="user:bo"), story.neighbours, story.workspace)
    path = f"/v1/features/{feature['id']}"
    await other.change(feature, path, expected_effects=[effect(first), effect(second, high=9)])
    told = [event["data"] for event in await feed() if event["subject"] == feature["id"]][-1]
    by = {each["kpi_id"]: each["estimated_by"] for each in told["expected_effects"]}
    assert by == {first: "key:test", second: "user:bo"}


async def test_a_circle_is_refused_and_named(story: Story) -> None:
    login = await story.feature("Login")
    profile = await story.feature("Profile", depends_on=[login["id"]])
    sharing = await story.feature("Sharing", depends_on=[profile["id"]])
    problem = await story.refused(
        "PATCH",
        f"/v1/features/{login['id']}",
        409,
        json={"depends_on": [sharing["id"]]},
        headers={"If-Match": login["etag"]},
    )
    assert problem["code"] == "circular_dependency"
    assert len(problem["cycle"]) == 4
    for title in ("Login", "Profile", "Sharing"):
        assert title in problem["detail"]
    await story.refused(
        "PATCH",
        f"/v1/features/{login['id']}",
        409,
        json={"depends_on": [login["id"]]},
        headers={"If-Match": login["etag"]},
    )


async def test_shipping_tells_the_feed_what_was_promised(story: Story, feed: Any) -> None:
    requirement, kpi = story.neighbours.requirement(story.workspace), story.neighbours.kpi(story.workspace)
    team = (await story.send("POST", "/v1/teams", status=201, json={"name": "Growth"}))["id"]
    package = {"skill": "backend", "low_days": 1, "likely_days": 2, "high_days": 3, "team_id": team}
    feature = await story.feature(
        requirement_ids=[requirement], expected_effects=[effect(kpi)], work_packages=[package]
    )
    started = await story.transition(feature, "in_progress", at="2026-01-02T09:00:00+01:00")
    assert started["started_at"] == "2026-01-02T08:00:00Z"
    shipped = await story.transition(feature, "shipped", at="2026-02-01T12:00:00Z", actual_effort_days=7.5)
    assert (shipped["status"], shipped["actual_effort_days"]) == ("shipped", 7.5)
    told = [event for event in await feed() if event["workspaceid"] == str(story.workspace)]
    told = [event for event in told if event["subject"] == feature["id"]]
    assert [event["type"] for event in told] == ["feature.created", "feature.status_changed", "feature.shipped"]
    assert [event["subjectversion"] for event in told] == [1, 2, 3]
    data = told[-1]["data"]
    assert data["requirement_ids"] == [requirement]
    assert data["shipped_at"] == "2026-02-01T12:00:00Z"
    assert data["expected_effects"] == [effect(kpi, estimated_by="key:test")]
    assert (data["team_ids"], data["requirement_kinds"]) == ([team], ["improvement"])
    assert "title" not in data


async def test_a_step_that_cannot_be_is_refused(story: Story) -> None:
    feature = await story.feature()
    await story.transition(feature, "shipped")
    path = f"/v1/features/{feature['id']}/transitions"
    problem = await story.refused("POST", path, 409, json={"to": "planned"})
    assert (problem["code"], problem["rule"]) == ("transition_refused", "transition_not_allowed")
    shipped = await story.get(f"/v1/features/{feature['id']}")
    await story.refused("DELETE", f"/v1/features/{feature['id']}", 409, headers={"If-Match": shipped["etag"]})


async def test_lists_filter_and_keep_a_copy_in_step(story: Story) -> None:
    requirement = story.neighbours.requirement(story.workspace)
    one = await story.feature("One", requirement_ids=[requirement])
    two = await story.feature("Two")
    page = await story.get(f"/v1/features?requirement_id={requirement}")
    assert [each["id"] for each in page["items"]] == [one["id"]]
    everything = await story.get("/v1/features?count=exact")
    assert (everything["count"], {each["id"] for each in everything["items"]}) == (2, {one["id"], two["id"]})
    await story.send("DELETE", f"/v1/features/{two['id']}", status=204, headers={"If-Match": two["etag"]})
    await story.refused("GET", f"/v1/features/{two['id']}", 404)


async def test_another_workspace_sees_nothing(story: Story, caller: Caller) -> None:
    feature = await story.feature()
    stranger = caller(workspace_id=uuid4())
    path = f"/v1/features/{feature['id']}"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.patch(path, json={"value": 1}, headers={"If-Match": "*"})).status_code == 404
    assert (await stranger.delete(path, headers={"If-Match": "*"})).status_code == 404
    assert (await stranger.post(f"{path}/transitions", json={"to": "planned"})).status_code == 404
    assert (await stranger.post("/v1/features", json={"title": "x", "depends_on": [feature["id"]]})).status_code == 422
    assert (await stranger.get("/v1/features")).json()["items"] == []
