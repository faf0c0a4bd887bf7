"""Teams, what they can do, and what features need of them."""

from typing import Any
from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story

CORE = {
    "name": "Core",
    "country": "DE",
    "subdivision": "BY",
    "staff": [
        {"skill": "backend", "people": 3, "day_rate": {"amount_minor": 64_000, "currency": "EUR"}},
        {"skill": "design", "people": 0.5, "starts_on": "2027-01-11"},
    ],
    "absences": [{"starts_on": "2027-01-18", "ends_on": "2027-01-22", "skill": "backend", "people": 1}],
}


async def make_team(story: Story, **fields: Any) -> Json:
    return await story.send("POST", "/v1/teams", status=201, json=CORE | fields)


async def test_capacity_takes_holidays_and_absences_off(story: Story) -> None:
    team = await make_team(story)
    found = await story.get(f"/v1/teams/{team['id']}/capacity?from=2027-01-06&weeks=3")
    skills = {each["skill"]: each["weeks"] for each in found["skills"]}
    assert [week["monday"] for week in skills["backend"]] == ["2027-01-04", "2027-01-11", "2027-01-18"]
    # 6 January is a holiday in Bavaria: four working days.
    assert [week["person_days"] for week in skills["backend"]] == [12, 15, 10]
    assert [week["people"] for week in skills["design"]] == [0, 0.5, 0.5]


async def test_a_team_is_changed_as_a_whole(story: Story) -> None:
    team = await make_team(story)
    await story.refused("PATCH", f"/v1/teams/{team['id']}", 422, json={"country": None}, headers={"If-Match": "*"})
    changed = await story.change(team, f"/v1/teams/{team['id']}", staff=[{"skill": "legal", "people": 1}])
    assert [each["skill"] for each in changed["staff"]] == ["legal"]


async def test_names_are_taken_once_and_places_are_known(story: Story) -> None:
    await make_team(story)
    problem = await story.refused("POST", "/v1/teams", 409, json=CORE)
    assert problem["errors"][0]["pointer"] == "/name"
    await story.refused("POST", "/v1/teams", 422, json=CORE | {"name": "B", "country": "XX"})
    away = {"starts_on": "2027-02-01", "ends_on": "2027-01-01"}
    await story.refused("POST", "/v1/teams", 422, json=CORE | {"name": "B", "absences": [away]})


async def test_features_say_what_they_need_of_whom(story: Story) -> None:
    team = await make_team(story)
    package = {"skill": "backend", "team_id": team["id"], "low_days": 5, "likely_days": 8, "high_days": 15}
    feature = await story.feature(work_packages=[package])
    assert feature["work_packages"] == [package | {"people": 1.0}]
    headers = {"If-Match": team["etag"]}
    await story.refused("DELETE", f"/v1/teams/{team['id']}", 409, headers=headers)
    await story.refused("POST", "/v1/features", 422, json={"title": "x", "work_packages": [package | {"low_days": 9}]})
    unknown = {"title": "x", "work_packages": [package | {"team_id": str(uuid4())}]}
    problem = await story.refused("POST", "/v1/features", 422, json=unknown)
    assert [each["pointer"] for each in problem["errors"]] == ["/work_packages/0/team_id"]
    await story.change(feature, f"/v1/features/{feature['id']}", work_packages=[])
    await story.send("DELETE", f"/v1/teams/{team['id']}", status=204, headers=headers)


async def test_another_workspace_sees_no_team(story: Story, caller: Caller) -> None:
    team = await make_team(story)
    stranger = caller(workspace_id=uuid4())
    for path in (f"/v1/teams/{team['id']}", f"/v1/teams/{team['id']}/capacity?from=2027-01-04"):
        assert (await stranger.get(path)).status_code == 404
