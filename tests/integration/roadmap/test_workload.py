"""Who is booked for what, where it is too much, what still fits, and several roadmaps in one view."""

from typing import Any
from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_schedules import dates, schedule, work

FIRST, LAST = "2027-01-04", "2027-01-15"


async def team(story: Story, name: str = "Core", people: float = 2) -> Json:
    body = {"name": name, "staff": [{"skill": "code", "people": people}]}
    return await story.send("POST", "/v1/teams", status=201, json=body)


async def book(story: Story, owner: Json, people: float, **fields: Any) -> Json:
    body = {"team_id": owner["id"], "skill": "code", "people": people, "starts_on": FIRST, "ends_on": LAST}
    return await story.send("POST", "/v1/allocations", status=201, json={"title": "Upkeep", **body, **fields})


async def two_products(story: Story) -> dict[str, Json]:
    """Export of one product and Import of another, both by the same two people in the same two weeks."""
    core = await team(story)
    one, other = await story.roadmap("Desktop"), await story.roadmap("Mobile")
    export = await story.feature("Export", work_packages=[work("code", 12, team=core), work("write", 1)])
    load = await story.feature("Import", work_packages=[work("code", 14, team=core)], depends_on=[export["id"]])
    await story.place(one, export, starts_on=FIRST, ends_on=LAST)
    await story.place(other, load, starts_on=FIRST, ends_on=LAST)
    return {"core": core, "desktop": one, "mobile": other, "export": export, "import": load}


async def test_what_products_ask_of_a_shared_team_adds_up(story: Story) -> None:
    made = await two_products(story)
    found = await story.get(f"/v1/workload?from={FIRST}&weeks=3")
    (row,) = found["rows"]
    assert [(week["capacity_days"], week["planned_days"], week["over_days"]) for week in row["weeks"]] == [
        (10, 13, 3),
        (10, 13, 3),
        (10, 0, 0),
    ]
    assert (found["over_allocated"], row["over_days"], row["team"]) == (2, 6, "Core")
    assert [each["feature_id"] for each in row["weeks"][0]["features"]] == [made["import"]["id"], made["export"]["id"]]
    assert [(each["feature_id"], each["skill"]) for each in found["unassigned"]] == [(made["export"]["id"], "write")]
    only = await story.get(f"/v1/workload?from={FIRST}&weeks=3&roadmap_ids={made['mobile']['id']}")
    assert [week["planned_days"] for week in only["rows"][0]["weeks"]] == [7, 7, 0]
    assert (await story.get("/v1/workload?from=2027-02-01&over_only=true"))["rows"] == []
    await story.refused("GET", f"/v1/workload?from={FIRST}&roadmap_ids={uuid4()}", 422)


async def test_bookings_count_and_keep_people_out_of_plans(story: Story) -> None:
    core = await team(story)
    export = await story.feature("Export", value=9, work_packages=[work("code", 10, people=2)])
    before = (await schedule(story))["proposal"]
    assert dates(before, export) == (FIRST, "2027-01-08")
    made = await book(story, core, 1)
    found = await story.get(f"/v1/workload?from={FIRST}&weeks=3")
    assert [week["booked_days"] for week in found["rows"][0]["weeks"]] == [5, 5, 0]
    after = (await schedule(story))["proposal"]
    assert dates(after, export) == ("2027-01-18", "2027-01-22")
    path = f"/v1/allocations/{made['id']}"
    changed = await story.change(made, path, people=0.5, ends_on="2027-01-08")
    assert (changed["people"], changed["ends_on"]) == (0.5, "2027-01-08")
    headers = {"If-Match": changed["etag"]}
    await story.refused("PATCH", path, 422, json={"ends_on": "2026-12-01"}, headers=headers)
    await story.refused("DELETE", f"/v1/teams/{core['id']}", 409, headers={"If-Match": core["etag"]})
    await story.send("DELETE", path, status=204, headers=headers)


async def test_it_is_told_what_still_fits(story: Story) -> None:
    made = await two_products(story)
    other = await team(story, "Side", 1)

    async def fit(*needs: Json) -> Json:
        question = {"starts_on": FIRST, "ends_on": "2027-01-22", "needs": list(needs)}
        return await story.send("POST", "/v1/workload/fit", status=200, json=question)

    # Core has its third week, Side all three.
    found = await fit({"skill": "code", "days": 25})
    assert (found["fits"], found["needs"][0]["free_days"]) == (True, 25)
    found = await fit({"skill": "code", "days": 12, "team_id": made["core"]["id"]}, {"skill": "code", "days": 15})
    assert (found["fits"], [each["short_days"] for each in found["needs"]]) == (False, [2, 0])
    assert (await fit({"skill": "law", "days": 0.5}))["needs"][0]["short_days"] == 0.5
    assert (await fit({"skill": "code", "days": 16, "team_id": other["id"]}))["fits"] is False
    unknown = {"starts_on": FIRST, "ends_on": LAST, "needs": [{"skill": "code", "days": 1, "team_id": str(uuid4())}]}
    problem = await story.refused("POST", "/v1/workload/fit", 422, json=unknown)
    assert [each["pointer"] for each in problem["errors"]] == ["/needs/0/team_id"]
    await story.refused("POST", "/v1/workload/fit", 422, json=unknown | {"ends_on": "2026-12-01"})
    last = {"starts_on": "9999-12-30", "ends_on": "9999-12-31", "needs": [{"skill": "code", "days": 1}]}
    await story.refused("POST", "/v1/workload/fit", 422, json=last)
    await story.refused("GET", "/v1/workload?from=9999-12-31", 422)
    await story.refused("GET", f"/v1/teams/{other['id']}/capacity?from=0001-01-01", 422)


async def test_one_view_spans_products_that_share_teams(story: Story) -> None:
    made = await two_products(story)
    await story.place(made["mobile"], made["export"], starts_on="2027-02-01", ends_on="2027-02-12", horizon="next")
    release = {"name": "Spring", "feature_ids": [made["export"]["id"]]}
    release = await story.send("POST", "/v1/releases", status=201, json=release)
    done = await story.feature("Done")
    await story.place(made["desktop"], done)
    await story.transition(done, "shipped")
    found = await story.get(f"/v1/portfolio?roadmap_ids={made['desktop']['id']}&roadmap_ids={made['mobile']['id']}")
    assert [each["name"] for each in found["roadmaps"]] == ["Desktop", "Mobile"]
    columns = {name: [card["title"] for card in cards] for name, cards in found["board"].items()}
    assert ("Export" in columns["next"], columns["shipped"]) == (True, ["Done"])
    export = next(card for card in found["board"]["next"] if card["title"] == "Export")
    assert (export["starts_on"], export["ends_on"], export["release_ids"]) == (FIRST, "2027-02-12", [release["id"]])
    ids = {made["export"]["id"], made["import"]["id"]}
    assert [set(lane["cards"]) for lane in found["timeline"]] == [{made["export"]["id"]}, ids]
    assert [each["name"] for each in found["shared_teams"]] == ["Core"]
    assert [each["title"] for each in found["date_clashes"]] == ["Export"]
    await story.refused("GET", f"/v1/portfolio?roadmap_ids={uuid4()}", 422)


async def test_what_of_one_product_waits_for_another_is_seen(story: Story) -> None:
    made = await two_products(story)
    found = await story.get("/v1/portfolio")
    assert found["dependencies"] == [
        {
            "feature_id": made["import"]["id"],
            "needs_feature_id": made["export"]["id"],
            "roadmap_ids": [made["mobile"]["id"]],
            "needs_roadmap_ids": [made["desktop"]["id"]],
            "is_in_order": False,
        }
    ]


async def test_another_workspace_sees_no_workload(story: Story, caller: Caller) -> None:
    made = await two_products(story)
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/workload?from={FIRST}")).json()["rows"] == []
    assert (await stranger.get(f"/v1/portfolio?roadmap_ids={made['desktop']['id']}")).status_code == 422
    assert (await stranger.get("/v1/portfolio")).json()["roadmaps"] == []
