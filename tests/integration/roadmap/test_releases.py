"""Releases: made from templates, watched until nothing blocks them, and launched."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story

PACKAGES = [
    {"key": "terms", "title": "Check the terms", "function": "legal", "effort_days": 2, "days_before_launch": 20},
    {
        "key": "train",
        "title": "Train support",
        "function": "support",
        "effort_days": 3,
        "days_before_launch": 5,
        "needs": ["terms"],
    },
    {"key": "cake", "title": "Bake a cake", "function": "marketing", "is_blocking": False},
]


async def template(story: Story, **fields: Any) -> Json:
    body = {"name": "Small launch", "work_packages": PACKAGES, **fields}
    return await story.send("POST", "/v1/release-templates", status=201, json=body)


async def release(story: Story, **fields: Any) -> Json:
    body = {"name": "Spring", "target_on": "2027-04-15", **fields}
    return await story.send("POST", "/v1/releases", status=201, json=body)


async def packages(story: Story, made: Json) -> dict[str, Json]:
    page = await story.get(f"/v1/releases/{made['id']}/work-packages")
    return {each["function"]: each for each in page["items"]}


async def finish(story: Story, package: Json, **fields: Any) -> Json:
    path = f"/v1/releases/{package['release_id']}/work-packages/{package['id']}"
    return await story.change(package, path, status="done", **fields)


async def test_a_template_unfolds_into_packages_that_move_with_the_day(story: Story) -> None:
    made = await release(story, release_template_id=(await template(story))["id"])
    found = await packages(story, made)
    assert found.keys() == {"legal", "support", "marketing"}
    assert (found["legal"]["due_on"], found["support"]["due_on"]) == ("2027-03-26", "2027-04-10")
    assert found["support"]["needs"] == [found["legal"]["id"]]
    await story.change(made, f"/v1/releases/{made['id']}", target_on="2027-04-16")
    moved = await packages(story, made)
    assert (moved["support"]["due_on"], moved["support"]["etag"]) == ("2027-04-11", '"2"')
    found = moved
    path = f"/v1/releases/{made['id']}/work-packages/{found['support']['id']}"
    own = await story.change(found["support"], path, due_on="2027-04-01")
    assert (own["due_on"], own["days_before_launch"]) == ("2027-04-01", None)


async def test_without_packages_a_template_brings_the_usual_ones(story: Story) -> None:
    usual = await story.send("POST", "/v1/release-templates", status=201, json={"name": "Usual"})
    functions = {each["function"] for each in usual["work_packages"]}
    assert {"engineering", "design", "marketing", "sales", "support", "legal"} <= functions
    made = await release(story, release_template_id=usual["id"])
    assert len((await story.get(f"/v1/releases/{made['id']}/work-packages"))["items"]) == len(usual["work_packages"])


async def test_a_template_that_goes_in_a_circle_is_refused(story: Story) -> None:
    circle = [PACKAGES[0] | {"needs": ["train"]}, PACKAGES[1]]
    problem = await story.refused(
        "POST", "/v1/release-templates", 422, json={"name": "Circle", "work_packages": circle}
    )
    assert "terms -> train -> terms" in str(problem) or "train -> terms -> train" in str(problem)
    for wrong in ([PACKAGES[1]], [PACKAGES[0], PACKAGES[0]], [PACKAGES[0] | {"team_id": str(uuid4())}]):
        await story.refused("POST", "/v1/release-templates", 422, json={"name": "Wrong", "work_packages": wrong})
    await template(story)
    await story.refused("POST", "/v1/release-templates", 409, json={"name": "Small launch"})


async def test_it_says_what_blocks_until_nothing_does(story: Story) -> None:
    feature, roadmap = await story.feature("Export"), await story.roadmap()
    await story.place(roadmap, feature, starts_on="2027-03-01", ends_on="2027-05-31")
    made = await release(story, feature_ids=[feature["id"]], release_template_id=(await template(story))["id"])
    path = f"/v1/releases/{made['id']}"
    milestone = {"title": "Beta is over", "due_on": "2027-04-01", "release_id": made["id"]}
    milestone = await story.send("POST", "/v1/milestones", status=201, json=milestone)
    found = await packages(story, made)
    readiness = await story.get(f"{path}/readiness")
    assert [(each["kind"], each["id"]) for each in readiness["blockers"]] == [
        ("work_package_open", found["legal"]["id"]),
        ("milestone_not_reached", milestone["id"]),
        ("work_package_open", found["support"]["id"]),
        ("feature_not_shipped", feature["id"]),
    ]
    assert readiness["blockers"][2]["waits_for"] == [found["legal"]["id"]]
    assert (readiness["earliest_on"], readiness["late_by_days"], readiness["total"]) == ("2027-05-31", 46, 5)
    assert readiness["critical_path"] == [found["legal"]["id"], found["support"]["id"]]
    problem = await story.refused("POST", f"{path}/launch", 409, json={})
    assert (problem["code"], len(problem["blockers"])) == ("launch_blocked", 4)
    await story.transition(feature, "shipped")
    done = await finish(story, found["legal"], actual_effort_days=3)
    assert done["done_at"] is not None
    await finish(story, found["support"])
    await story.change(milestone, f"/v1/milestones/{milestone['id']}", reached_on="2026-01-02")
    readiness = await story.get(f"{path}/readiness")
    assert (readiness["is_ready"], readiness["blockers"], readiness["done"]) == (True, [], 4)
    launched = await story.send("POST", f"{path}/launch", status=200, json={})
    assert (launched["status"], launched["launched_despite"]) == ("launched", None)
    again = await story.refused("POST", f"{path}/launch", 409, json={})
    assert again["code"] == "already_launched"
    await story.refused("PATCH", path, 409, json={"target_on": None}, headers={"If-Match": launched["etag"]})
    renamed = await story.change(launched, path, name="Spring 2027")
    await story.refused("DELETE", path, 409, headers={"If-Match": renamed["etag"]})


async def test_who_launches_all_the_same_says_why(story: Story, feed: Any) -> None:
    made = await release(story, feature_ids=[(await story.feature())["id"]])
    path = f"/v1/releases/{made['id']}/launch"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await story.refused("POST", path, 422, json={"at": tomorrow, "despite": "We cannot wait."})
    launched = await story.send("POST", path, status=200, json={"despite": "The fix cannot wait."})
    assert launched["launched_despite"] == "The fix cannot wait."
    told = [event for event in await feed() if event["subject"] == made["id"]]
    assert [event["type"] for event in told] == ["release.created", "release.launched"]
    assert (told[-1]["data"]["blockers"], "cannot wait" in str(told)) == (1, False)


async def test_packages_do_not_wait_in_a_circle(story: Story) -> None:
    made = await release(story, release_template_id=(await template(story))["id"])
    found = await packages(story, made)
    path = f"/v1/releases/{made['id']}/work-packages"
    headers = {"If-Match": found["legal"]["etag"]}
    circle = {"needs": [found["support"]["id"]]}
    problem = await story.refused("PATCH", f"{path}/{found['legal']['id']}", 409, json=circle, headers=headers)
    assert (problem["code"], len(problem["cycle"])) == ("circular_dependency", 3)
    assert "Check the terms" in problem["detail"]
    await story.refused("DELETE", f"{path}/{found['legal']['id']}", 409, headers=headers)
    dropped = {"status": "dropped"}
    await story.refused("PATCH", f"{path}/{found['legal']['id']}", 422, json=dropped, headers=headers)
    await story.change(found["legal"], f"{path}/{found['legal']['id']}", status="dropped", status_reason="No terms.")
    readiness = await story.get(f"/v1/releases/{made['id']}/readiness")
    assert [each["waits_for"] for each in readiness["blockers"]] == [[]]
    other = await release(story, name="Autumn")
    foreign = {"title": "Party", "function": "marketing", "needs": [found["support"]["id"]]}
    await story.refused("POST", f"/v1/releases/{other['id']}/work-packages", 422, json=foreign)
    await story.refused("GET", f"/v1/releases/{other['id']}/work-packages/{found['legal']['id']}", 404)


async def test_what_a_release_holds_is_not_pulled_from_under_it(story: Story) -> None:
    feature = await story.feature()
    team = await story.send("POST", "/v1/teams", status=201, json={"name": "Law"})
    made = await release(story, feature_ids=[feature["id"]])
    package = {"title": "Terms", "function": "legal", "team_id": team["id"]}
    await story.send("POST", f"/v1/releases/{made['id']}/work-packages", status=201, json=package)
    await story.refused("DELETE", f"/v1/features/{feature['id']}", 409, headers={"If-Match": feature["etag"]})
    await story.refused("DELETE", f"/v1/teams/{team['id']}", 409, headers={"If-Match": team["etag"]})
    milestone = {"title": "Beta", "due_on": "2027-04-01", "release_id": made["id"]}
    milestone = await story.send("POST", "/v1/milestones", status=201, json=milestone)
    path = f"/v1/releases/{made['id']}"
    await story.refused("DELETE", path, 409, headers={"If-Match": made["etag"]})
    await story.change(milestone, f"/v1/milestones/{milestone['id']}", release_id=None)
    await story.send("DELETE", path, status=204, headers={"If-Match": made["etag"]})
    await story.send("DELETE", f"/v1/features/{feature['id']}", status=204, headers={"If-Match": feature["etag"]})


async def test_another_workspace_sees_no_release(story: Story, caller: Caller) -> None:
    made = await release(story)
    stranger = caller(workspace_id=uuid4())
    for path in ("", "/readiness", "/work-packages"):
        assert (await stranger.get(f"/v1/releases/{made['id']}{path}")).status_code == 404
    body = {"title": "Beta", "due_on": "2027-04-01", "release_id": made["id"]}
    assert (await stranger.post("/v1/milestones", json=body)).status_code == 422


async def test_what_goes_with_a_release_is_told(story: Story, feed: Callable[[], Any]) -> None:
    release = await story.send("POST", "/v1/releases", status=201, json={"name": "Spring"})
    path = f"/v1/releases/{release['id']}"
    package = {"title": "Write to everybody", "function": "marketing"}
    first = await story.send("POST", f"{path}/work-packages", status=201, json=package)
    await story.change(first, f"{path}/work-packages/{first['id']}", status="in_progress")
    headers = {"If-Match": (await story.get(path))["etag"]}
    await story.send("DELETE", path, status=204, headers=headers)
    told = [(each["type"], each["subjectversion"]) for each in await feed() if each["subject"] == first["id"]]
    assert told == [("work_package.created", 1), ("work_package.updated", 2), ("work_package.deleted", 3)]
