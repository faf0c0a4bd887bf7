from uuid import uuid4

import pytest


async def test_promises_are_compared_with_what_was_measured(story, api, make_kpi):
    assert (await api.get("/v1/calibration")).json()["groups"] == []
    kept, broken = [await make_kpi(aggregation="average", tags=["activation"]) for _ in range(2)]
    await story.measure(kept, effect=5)
    await story.measure(broken, effect=2)
    for kpi in (kept, broken):
        await story.ship(kpi, low=4, likely=5, high=6)
    await story.look()
    (whole,) = (await api.get("/v1/calibration")).json()["groups"]
    assert (whole["count"], whole["hit_rate"], whole["bias"]) == (2, 0.5, None)
    assert 0.8 < whole["factor"] < 1
    by_kpi = {each["group"]: each for each in (await api.get("/v1/calibration?group_by=kpi")).json()["groups"]}
    assert by_kpi[kept["id"]]["hit_rate"] == 1
    assert -4 < by_kpi[broken["id"]]["bias"] < -2
    (tagged,) = (await api.get("/v1/calibration?group_by=tag")).json()["groups"]
    assert tagged["outcome_ids"] == whole["outcome_ids"]


async def test_promises_are_compared_by_team_kind_and_person(story, api, make_kpi):
    """A group of one is drawn towards all promises, not towards what it says alone."""
    law, core = uuid4(), uuid4()
    kinds = {law: ("feature",), core: ("feature", "improvement")}
    for effect, teams, by in ((5, (law,), "user:ana"), (2, (law, core), "user:bo"), (2, (), None)):
        kpi = await make_kpi(aggregation="average")
        await story.measure(kpi, effect=effect, seed=effect)
        told = {"team_ids": teams, "requirement_kinds": kinds[teams[-1]] if teams else ()}
        feature_id = await story.ship(kpi, low=4, likely=5, high=6, told=told, estimated_by=by)
    await story.look()

    async def groups(by):
        answer = await api.get("/v1/calibration", params={"group_by": by})
        return {each["group"]: each for each in answer.json()["groups"]}

    whole = (await groups("workspace"))["workspace"]
    assert (whole["count"], whole["drawn_towards"]) == (3, 1)
    teams = await groups("team")
    assert {group: each["count"] for group, each in teams.items()} == {str(law): 2, str(core): 1, "unknown": 1}
    alone = teams[str(core)]
    assert alone["drawn_towards"] == whole["factor"]
    assert alone["factor"] == pytest.approx((3 * whole["factor"] + alone["realised"]) / 4)
    by_kind = {group: each["count"] for group, each in (await groups("requirement_kind")).items()}
    assert by_kind == {"feature": 2, "improvement": 1, "unknown": 1}
    people = await groups("estimator")
    assert people.keys() == {"user:ana", "user:bo", "unknown"}
    assert people["user:ana"]["factor"] > people["user:bo"]["factor"]
    outcome = await story.outcome(feature_id)
    measured = [each for each in await story.events(outcome["id"]) if each.type == "outcome.measured"]
    assert (measured[-1].data["team_ids"], measured[-1].data["estimated_by"]) == ([], None)
