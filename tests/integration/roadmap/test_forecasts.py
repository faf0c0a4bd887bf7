"""When things will be done: through the API, with what history says of the estimates."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story

QUESTION = {"starts_on": "2027-01-04", "samples": 2_000, "seed": 7}


async def a_plan(story: Story) -> dict[str, Json]:
    team = await story.send(
        "POST", "/v1/teams", status=201, json={"name": "Core", "staff": [{"skill": "code", "people": 1}]}
    )
    work = {"skill": "code", "team_id": team["id"], "low_days": 4, "likely_days": 5, "high_days": 9}
    login = await story.feature("Login", work_packages=[work])
    sharing = await story.feature("Sharing", work_packages=[work], depends_on=[login["id"]])
    notes = await story.feature("Notes")
    roadmap = await story.roadmap()
    await story.place(roadmap, sharing, horizon="now", ends_on="2027-01-20")
    await story.place(roadmap, notes, horizon="next")
    return {"team": team, "login": login, "sharing": sharing, "notes": notes, "roadmap": roadmap, "work": work}


async def ask(story: Story, roadmap: Json, **question: object) -> Json:
    body = {"roadmap_id": roadmap["id"], **QUESTION, **question}
    started = await story.send("POST", "/v1/forecasts", status=202, json=body)
    await story.until_final(f"/v1/operations/{started['id']}")
    return await story.get(f"/v1/forecasts/{started['forecast_id']}")


async def test_what_is_needed_comes_first_and_promises_have_a_chance(story: Story) -> None:
    plan = await a_plan(story)
    found = await ask(story, plan["roadmap"])
    answer = found["answer"]
    assert found["state"] == "succeeded"
    assert [each["feature_id"] for each in answer["features"]] == [plan["login"]["id"], plan["sharing"]["id"]]
    login, sharing = answer["features"]
    days = [date.fromisoformat(sharing["done"][each]) for each in ("p10", "p50", "p85", "p95")]
    assert days == sorted(days)
    assert login["done"]["p50"] < sharing["done"]["p50"]
    assert (login["promised_on"], sharing["promised_on"]) == (None, "2027-01-20")
    assert 0 < sharing["chance"] < 1
    assert [(each["feature_id"], each["reason"]) for each in answer["left_out"]] == [
        (plan["notes"]["id"], "not_estimated")
    ]
    again = await ask(story, plan["roadmap"])
    assert (again["digest"], again["answer"]["features"]) == (found["digest"], answer["features"])


async def test_a_release_is_forecast_as_the_last_of_its_features(story: Story) -> None:
    plan = await a_plan(story)
    login, sharing, notes = (plan[each]["id"] for each in ("login", "sharing", "notes"))
    spring = {"name": "Spring", "target_on": "2027-01-20", "feature_ids": [login, sharing]}
    both = await story.send("POST", "/v1/releases", status=201, json=spring)
    half = await story.send(
        "POST", "/v1/releases", status=201, json=spring | {"name": "Half", "feature_ids": [login, notes]}
    )
    await story.send("POST", "/v1/releases", status=201, json={"name": "Else", "feature_ids": [notes]})
    answer = (await ask(story, plan["roadmap"]))["answer"]
    told = {each["release_id"]: each for each in answer["releases"]}
    assert told.keys() == {both["id"], half["id"]}
    whole = told[both["id"]]
    assert (whole["done"], whole["chance"]) == (answer["features"][1]["done"], answer["features"][1]["chance"])
    assert (whole["promised_on"], whole["uncovered_feature_ids"]) == ("2027-01-20", [])
    assert told[half["id"]]["uncovered_feature_ids"] == [notes]
    assert (told[half["id"]]["chance"], told[half["id"]]["done"]) == (None, answer["features"][0]["done"])


async def test_what_came_true_corrects_what_comes(story: Story) -> None:
    plan = await a_plan(story)
    before = (await ask(story, plan["roadmap"]))["answer"]
    for _ in range(4):
        done = await story.feature("Done", work_packages=[plan["work"]])
        await story.transition(done, "shipped", actual_effort_days=18)
    after = (await ask(story, plan["roadmap"]))["answer"]
    calibration = next(each for each in after["calibration"] if each["team_id"] == plan["team"]["id"])
    assert (calibration["tasks"], calibration["coverage"]) == (4, 0)
    assert calibration["factor"] > 1.3
    assert after["done"]["p85"] > before["done"]["p85"]


async def test_unknown_roadmaps_and_strangers(story: Story, caller: Caller) -> None:
    await story.refused("POST", "/v1/forecasts", 422, json={"roadmap_id": str(uuid4()), **QUESTION})
    roadmap = await story.roadmap()
    empty = await ask(story, roadmap)
    assert (empty["answer"]["done"], empty["answer"]["features"]) == (None, [])
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/forecasts/{empty['id']}")).status_code == 404
    assert (await stranger.get("/v1/forecasts")).json()["items"] == []
    assert [each["id"] for each in (await story.get("/v1/forecasts"))["items"]] == [empty["id"]]


async def test_without_estimates_the_pace_of_the_past_says_when(story: Story) -> None:
    roadmap = await story.roadmap()
    for weeks_ago in range(6, 0, -1):
        shipped = await story.feature("Shipped")
        await story.place(roadmap, shipped, horizon="now")
        day = datetime.now(UTC) - timedelta(weeks=weeks_ago)
        await story.transition(shipped, "shipped", at=day.isoformat(), actual_effort_days=3)
    first, second = await story.feature("First"), await story.feature("Second")
    for feature in (first, second):
        await story.place(roadmap, feature, horizon="next", ends_on="2027-01-14")
    autumn = {"name": "Autumn", "target_on": "2027-01-15", "feature_ids": [first["id"], second["id"]]}
    release = await story.send("POST", "/v1/releases", status=201, json=autumn)
    found = await ask(story, roadmap, method="throughput")
    answer = found["answer"]
    assert [(each["release_id"], each["chance"]) for each in answer["releases"]] == [(release["id"], 1)]
    assert answer["releases"][0]["done"] == answer["done"]
    assert answer["throughput"] == {"weeks": 6, "done": 6, "per_week": 1}
    assert [each["feature_id"] for each in answer["features"]] == [first["id"], second["id"]]
    assert [each["done"]["p85"] for each in answer["features"]] == ["2027-01-08", "2027-01-15"]
    assert [each["chance"] for each in answer["features"]] == [1, 0]
    assert answer["done"] == answer["features"][1]["done"]


async def test_without_anything_shipped_there_is_no_pace(story: Story) -> None:
    roadmap = await story.roadmap()
    feature = await story.feature("Login")
    await story.place(roadmap, feature, horizon="now")
    answer = (await ask(story, roadmap, method="throughput"))["answer"]
    assert (answer["done"], answer["features"]) == (None, [])
    assert [(each["feature_id"], each["reason"]) for each in answer["left_out"]] == [(feature["id"], "no_history")]
