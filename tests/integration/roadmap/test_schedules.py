"""Schedules: what, when and by which team, with dates that the roadmap takes over."""

from typing import Any

from tests.integration.roadmap.story import Json, Story

FIRST = "2027-01-04"


def work(skill: str, days: float, *, team: Json | None = None, people: float = 1) -> Json:
    effort = {"low_days": days / 2, "likely_days": days, "high_days": days * 2}
    return {"skill": skill, "people": people, **effort} | ({"team_id": team["id"]} if team else {})


async def a_house(story: Story) -> dict[str, Json]:
    """Two people who code, one who draws; Login before Sharing, Export beside them, Notes not estimated."""

    async def team(name: str, skill: str, people: float) -> Json:
        body = {"name": name, "staff": [{"skill": skill, "people": people}]}
        return await story.send("POST", "/v1/teams", status=201, json=body)

    core, art = await team("Core", "code", 2), await team("Art", "art", 1)
    login = await story.feature("Login", value=5, work_packages=[work("code", 10, people=2), work("art", 5, team=art)])
    sharing = await story.feature(
        "Sharing", value=8, work_packages=[work("code", 20, people=2)], depends_on=[login["id"]]
    )
    export = await story.feature("Export", value=4, work_packages=[work("code", 20)])
    notes = await story.feature("Notes", value=50)
    made = (core, art, login, sharing, export, notes)
    return {each.get("name") or each["title"]: each for each in made}


async def schedule(story: Story, **question: Any) -> Json:
    found = await story.optimize(kind="schedule", starts_on=FIRST, **{"weeks": 6, "time_limit_s": 20, **question})
    assert found["state"] == "succeeded", found
    return found


def dates(proposal: Json, feature: Json) -> tuple[str, str]:
    row = next(each for each in proposal["schedule"] if each["feature_id"] == feature["id"])
    return row["starts_on"], row["ends_on"]


async def test_what_when_and_by_whom_with_proof(story: Story) -> None:
    house = await a_house(story)
    optimization = await schedule(story)
    proposal = optimization["proposal"]
    assert (proposal["status"], proposal["gap"]) == ("optimal", 0)
    assert proposal["objective"] == proposal["bound"]
    # Login takes one week of both, Sharing two; then Export's four would end in week seven.
    assert dates(proposal, house["Login"]) == ("2027-01-04", "2027-01-08")
    assert dates(proposal, house["Sharing"]) == ("2027-01-11", "2027-01-22")
    reasons = {why["feature_id"]: why for why in proposal["not_chosen"]}
    assert reasons[house["Notes"]["id"]]["reason"] == "not_estimated"
    export = reasons[house["Export"]["id"]]
    assert (export["reason"], export["missing_capacity"]) == (
        "over_capacity",
        [{"team_id": house["Core"]["id"], "skill": "code", "person_weeks": 1}],
    )
    packages = next(each for each in proposal["schedule"] if each["feature_id"] == house["Login"]["id"])["packages"]
    assert {(each["team_id"], each["skill"], each["people"]) for each in packages} == {
        (house["Core"]["id"], "code", 2),
        (house["Art"]["id"], "art", 1),
    }
    incumbents = (await story.get(f"/v1/optimizations/{optimization['id']}/incumbents"))["items"]
    assert incumbents[0]["objective"] == proposal["first_objective"]


async def test_adopting_takes_the_dates_over_and_pins_hold(story: Story) -> None:
    house, roadmap = await a_house(story), await story.roadmap()
    await story.place(roadmap, house["Export"], starts_on="2027-01-11", is_pinned=True)
    optimization = await schedule(story, roadmap_id=roadmap["id"], weeks=9)
    assert dates(optimization["proposal"], house["Export"]) == ("2027-01-11", "2027-02-05")
    assert dates(optimization["proposal"], house["Sharing"]) == ("2027-02-08", "2027-02-19")
    path = f"/v1/optimizations/{optimization['id']}/adopt"
    await story.send("POST", path, status=200, json={"reason": "Planned with everybody"})
    items = await story.items(roadmap)
    assert {title: (item["starts_on"], item["ends_on"]) for title, item in items.items()} == {
        "Login": ("2027-01-04", "2027-01-08"),
        "Sharing": ("2027-02-08", "2027-02-19"),
        "Export": ("2027-01-11", None),
    }
    again = await schedule(story, roadmap_id=roadmap["id"], weeks=9)
    assert again["proposal"]["schedule"] == optimization["proposal"]["schedule"]
    adopted = await story.send("POST", f"/v1/optimizations/{again['id']}/adopt", status=200, json={"reason": "Same"})
    assert (adopted["placed"], adopted["removed"]) == ([], [])


async def test_what_cannot_be_is_named(story: Story) -> None:
    house = await a_house(story)
    late = await story.change(house["Sharing"], f"/v1/features/{house['Sharing']['id']}", deadline="2027-01-15")
    optimization = await schedule(story, must_have_ids=[late["id"]])
    assert optimization["proposal"]["status"] == "infeasible"
    kinds = {rule["kind"] for rule in optimization["proposal"]["conflict"]}
    assert kinds >= {"must_have", "deadline"}
    question = {"kind": "schedule", "starts_on": FIRST, "must_have_ids": [house["Notes"]["id"]]}
    problem = await story.refused("POST", "/v1/optimizations", 422, json=question)
    assert "not estimated" in problem["errors"][0]["detail"]
    await story.refused("POST", "/v1/optimizations", 422, json={"kind": "schedule"})
