"""What planners ask of a finished plan, through the API."""

from typing import Any
from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_roadmaps import a_team_with_a_choice


async def ask(story: Story, optimization: Json, kind: str, **question: Any) -> Json:
    path = f"/v1/optimizations/{optimization['id']}"
    started = await story.send("POST", f"{path}/{kind}", status=202, json=question)
    await story.until_final(f"/v1/operations/{started['id']}")
    inquiry = await story.get(f"{path}/inquiries/{started['inquiry_id']}")
    assert inquiry["state"] == "succeeded"
    return dict(inquiry["answer"])


async def test_more_budget_has_a_price_and_the_proposal_stays(story: Story) -> None:
    team = await a_team_with_a_choice(story)
    optimization = await story.optimize(budgets={"effort_days": 10})
    changes = [
        {"kind": "budget", "name": "effort_days", "more": 7.5},
        {"kind": "feature", "feature_id": team["Export"]["id"], "rule": "required"},
        {"kind": "feature", "feature_id": team["Sharing"]["id"], "rule": "excluded"},
    ]
    answer = await ask(story, optimization, "what-if", changes=changes)
    more, required, excluded = answer["changes"]
    assert (answer["objective"], more["gain"], more["gain_at_most"], more["is_proved"]) == (9, 7, 7, True)
    assert (more["added"], more["removed"]) == ([team["Export"]["id"]], [])
    assert (required["gain"], excluded["gain"]) == (-2, -2)
    assert answer["together"]["objective"] == 8
    assert await story.get(f"/v1/optimizations/{optimization['id']}") == optimization


async def test_the_frontier_says_what_each_budget_is_worth(story: Story) -> None:
    await a_team_with_a_choice(story)
    optimization = await story.optimize(budgets={"effort_days": 10})
    answer = await ask(story, optimization, "frontier", budget="effort_days", points=40)
    assert [(point["use"], point["value"]) for point in answer["points"]] == [
        (0, 0),
        (4, 1),
        (7.5, 7),
        (10, 9),
        (17.5, 16),
    ]
    assert all(point["is_proved"] for point in answer["points"])


async def test_why_a_feature_is_in_the_plan_or_not(story: Story) -> None:
    team = await a_team_with_a_choice(story)
    optimization = await story.optimize(budgets={"effort_days": 10}, must_have_ids=[team["Login"]["id"]])
    wanted = [team[title]["id"] for title in ("Login", "Sharing", "Export")]
    answer = await ask(story, optimization, "explain", feature_ids=wanted)
    found = {each["feature_id"]: each for each in answer["features"]}
    login, sharing, export = (found[each] for each in wanted)
    assert (login["is_chosen"], login["is_possible"]) == (True, False)
    assert {rule["kind"] for rule in login["conflict"]} == {"must_have", "pinned_out"}
    assert (sharing["value_at_stake"], sharing["leaves"]) == (8, [team["Sharing"]["id"]])
    assert (export["is_chosen"], export["is_possible"], export["value_at_stake"]) == (False, False, None)
    assert {rule["kind"] for rule in export["conflict"]} == {"budget", "must_have"}


async def test_a_schedule_can_be_asked_about_people(story: Story) -> None:
    team = await story.send(
        "POST", "/v1/teams", status=201, json={"name": "Core", "staff": [{"skill": "code", "people": 1}]}
    )
    work = {"skill": "code", "team_id": team["id"], "low_days": 9, "likely_days": 10, "high_days": 11}
    features = [await story.feature(title, value=value, work_packages=[work]) for title, value in (("A", 9), ("B", 8))]
    optimization = await story.optimize(kind="schedule", starts_on="2027-01-04", weeks=3)
    assert optimization["proposal"]["chosen"] == [features[0]["id"]]
    more = {"kind": "people", "team_id": team["id"], "skill": "code", "more": 1}
    answer = await ask(story, optimization, "what-if", changes=[more])
    assert answer["changes"][0]["added"] == [features[1]["id"]]
    assert answer["together"] is None
    path = f"/v1/optimizations/{optimization['id']}"
    await story.refused("POST", f"{path}/frontier", 409, json={"budget": "cost"})
    unknown = {"changes": [more | {"skill": "design"}]}
    assert (await story.refused("POST", f"{path}/what-if", 422, json=unknown))["errors"][0]["pointer"] == "/changes/0"
    valid = await story.send("POST", f"{path}/validate", status=200)
    assert (valid["is_valid"], valid["is_unchanged"]) == (True, True)
    staff = [{"skill": "code", "people": 0.5}]
    fresh = await story.get(f"/v1/teams/{team['id']}")
    await story.change(fresh, f"/v1/teams/{team['id']}", staff=staff)
    assert not (await story.send("POST", f"{path}/validate", status=200))["is_valid"]


async def test_a_plan_is_checked_against_what_things_are_now(story: Story) -> None:
    team = await a_team_with_a_choice(story)
    optimization = await story.optimize(budgets={"effort_days": 10})
    path = f"/v1/optimizations/{optimization['id']}/validate"
    valid = await story.send("POST", path, status=200)
    assert (valid["is_valid"], valid["is_unchanged"], valid["objective_now"]) == (True, True, 9)
    await story.change(team["Login"], f"/v1/features/{team['Login']['id']}", effort_days=5.5)
    late = await story.send("POST", path, status=200)
    assert (late["is_valid"], late["is_unchanged"]) == (False, False)
    assert [(each["kind"], each["over_by"]) for each in late["broken"]] == [("budget", 1.5)]


async def test_nothing_to_ask_of_and_strangers(story: Story, caller: Caller) -> None:
    team = await a_team_with_a_choice(story)
    impossible = await story.optimize(budgets={"effort_days": 5}, must_have_ids=[team["Sharing"]["id"]])
    path = f"/v1/optimizations/{impossible['id']}"
    problem = await story.refused("POST", f"{path}/frontier", 409, json={"budget": "effort_days"})
    assert problem["code"] == "nothing_to_ask_of"
    await story.refused("GET", f"{path}/inquiries/{uuid4()}", 404)
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"{path}/inquiries")).status_code == 404
