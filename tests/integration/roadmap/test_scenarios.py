"""Versions of a roadmap, and scenarios that it knows nothing of until they are merged."""

from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story

BUDGET = {"reason": "The budget was cut"}


async def laid_out(story: Story) -> tuple[Json, Json, Json]:
    """A roadmap with two features on it."""
    roadmap = await story.roadmap()
    export = await story.feature("Export", effort_days=5, value=3, cost={"amount_minor": 1_000, "currency": "EUR"})
    wizard = await story.feature("Wizard", effort_days=8, value=5, deadline="2027-03-01")
    await story.place(roadmap, export, horizon="now", starts_on="2027-01-04", ends_on="2027-01-15")
    await story.place(roadmap, wizard, horizon="next")
    return roadmap, export, wizard


async def moved(story: Story, roadmap: Json, feature: Json, **place: object) -> Json:
    path = f"/v1/roadmaps/{roadmap['id']}/items/{feature['id']}"
    item = await story.get(path)
    body = {"reason": "It has to wait", **place}
    return await story.send("PUT", path, status=200, json=body, headers={"If-Match": item["etag"]})


async def branched(story: Story, roadmap: Json, **fields: object) -> Json:
    body = {"roadmap_id": roadmap["id"], "name": "What if", **fields}
    return await story.send("POST", "/v1/scenarios", status=201, json=body)


async def tried(story: Story, scenario: Json, feature: Json, **place: object) -> Json:
    path = f"/v1/scenarios/{scenario['id']}/items/{feature['id']}"
    found = await story.client.get(path)
    headers = {"If-Match": found.headers["etag"]} if found.status_code == 200 else {}
    return await story.send("PUT", path, status=200, json=place, headers=headers)


async def test_a_version_stays_and_its_changes_have_reasons(story: Story) -> None:
    roadmap, export, wizard = await laid_out(story)
    path = f"/v1/roadmaps/{roadmap['id']}/versions"
    first = await story.send("POST", path, status=201, json={"name": "For the board", "note": "December"})
    assert (first["number"], first["published_by"]) == (1, "key:test")
    assert (await story.get(f"{path}/{first['id']}/changes"))["differences"] == []
    await moved(story, roadmap, export, horizon="later", starts_on="2027-05-03", ends_on="2027-05-14")
    third = await story.feature("Search")
    await story.place(roadmap, third, horizon="later", reason="Asked for by everybody")
    whole = await story.get(f"{path}/{first['id']}")
    assert {each["feature_id"]: each["horizon"] for each in whole["places"]} == {
        export["id"]: "now",
        wizard["id"]: "next",
    }
    second = await story.send("POST", path, status=201, json={"name": "For the team"})
    assert second["number"] == 2
    changes = await story.get(f"{path}/{first['id']}/changes?to={second['id']}")
    told = {each["title"]: each for each in changes["differences"]}
    assert told.keys() == {"Export", "Search"}
    assert (told["Export"]["kind"], told["Export"]["parts"]) == ("changed", ["horizon", "dates"])
    assert (told["Export"]["before"]["horizon"], told["Export"]["after"]["horizon"]) == ("now", "later")
    assert [each["reason"] for each in told["Export"]["reasons"]] == ["It has to wait"]
    assert [each["reason"] for each in told["Search"]["reasons"]] == ["Asked for by everybody"]
    back = await story.get(f"{path}/{second['id']}/changes?to={first['id']}")
    assert {each["title"]: each["kind"] for each in back["differences"]} == {"Export": "changed", "Search": "removed"}
    assert [each["number"] for each in (await story.get(path))["items"]] == [2, 1]


async def test_the_roadmap_is_not_touched_before_the_merge(story: Story) -> None:
    roadmap, export, wizard = await laid_out(story)
    scenario = await branched(story, roadmap)
    before = await story.items(roadmap)
    etag = (await story.get(f"/v1/roadmaps/{roadmap['id']}"))["etag"]
    await tried(story, scenario, wizard, horizon="now", starts_on="2027-02-01", ends_on="2027-03-05")
    item = await story.get(f"/v1/scenarios/{scenario['id']}/items/{export['id']}")
    path = f"/v1/scenarios/{scenario['id']}/items/{export['id']}"
    await story.send("DELETE", path, status=204, headers={"If-Match": item["etag"]})
    assert await story.items(roadmap) == before
    assert (await story.get(f"/v1/roadmaps/{roadmap['id']}"))["etag"] == etag
    assert (await story.get(f"/v1/scenarios/{scenario['id']}"))["etag"] != scenario["etag"]
    compared = await story.get(f"/v1/scenarios/{scenario['id']}/comparison")
    ours, theirs = compared["roadmap"], compared["scenario"]
    assert (ours["features"], theirs["features"]) == (2, 1)
    assert (ours["value"], theirs["value"]) == (8, 5)
    assert (ours["costs"], theirs["costs"]) == ([{"amount_minor": 1000, "currency": "EUR"}], [])
    assert (ours["late"], theirs["late"], theirs["ends_on"]) == (0, 1, "2027-03-05")
    assert {each["title"]: each["parts"] for each in compared["differences"]} == {
        "Export": ["presence"],
        "Wizard": ["horizon", "dates"],
    }
    assert (compared["changed_on_roadmap"], compared["conflicts"]) == ([], [])


async def test_a_merge_carries_over_what_was_tried_and_says_why(story: Story) -> None:
    roadmap, export, wizard = await laid_out(story)
    scenario = await branched(story, roadmap)
    search = await story.feature("Search")
    await tried(story, scenario, search, horizon="later")
    await tried(story, scenario, wizard, horizon="now")
    await moved(story, roadmap, export, horizon="next", starts_on="2027-01-04", ends_on="2027-01-15")
    merge = f"/v1/scenarios/{scenario['id']}/merge"
    await story.refused("POST", merge, 422, json={})
    done = await story.send("POST", merge, status=200, json=BUDGET)
    assert (done["placed"], done["changed"], done["removed"]) == ([search["id"]], [wizard["id"]], [])
    items = await story.items(roadmap)
    assert {name: item["horizon"] for name, item in items.items()} == {
        "Export": "next",
        "Wizard": "now",
        "Search": "later",
    }
    log = (await story.get(f"/v1/roadmaps/{roadmap['id']}/changes"))["items"]
    assert [each["reason"] for each in log[:2]] == ["The budget was cut"] * 2
    merged = await story.get(f"/v1/scenarios/{scenario['id']}")
    assert (merged["status"], merged["merged_by"]) == ("merged", "key:test")
    assert (await story.refused("POST", merge, 409, json=BUDGET))["code"] == "scenario_merged"
    path = f"/v1/scenarios/{scenario['id']}/items/{search['id']}"
    await story.refused("PUT", path, 409, json={"horizon": "now"})


async def test_conflicts_are_named_and_nothing_is_changed_until_they_are_decided(story: Story) -> None:
    roadmap, export, wizard = await laid_out(story)
    scenario = await branched(story, roadmap)
    await tried(story, scenario, export, horizon="later", starts_on="2027-01-04", ends_on="2027-01-15")
    await tried(story, scenario, wizard, horizon="now")
    await moved(story, roadmap, export, horizon="next", starts_on="2027-01-04", ends_on="2027-01-15")
    before = await story.items(roadmap)
    merge = f"/v1/scenarios/{scenario['id']}/merge"
    problem = await story.refused("POST", merge, 409, json=BUDGET)
    assert problem["code"] == "merge_conflict"
    (conflict,) = problem["conflicts"]
    assert (conflict["title"], conflict["part"]) == ("Export", "horizon")
    assert [conflict[side]["horizon"] for side in ("base", "roadmap", "scenario")] == ["now", "next", "later"]
    assert (await story.get(f"/v1/scenarios/{scenario['id']}/comparison"))["conflicts"] == problem["conflicts"]
    assert await story.items(roadmap) == before
    decided = [{"feature_id": export["id"], "part": "horizon", "take": "scenario"}]
    await story.send("POST", merge, status=200, json={**BUDGET, "decided": decided})
    assert {name: item["horizon"] for name, item in (await story.items(roadmap)).items()} == {
        "Export": "later",
        "Wizard": "now",
    }


async def test_a_scenario_may_branch_off_a_version(story: Story) -> None:
    roadmap, export, _ = await laid_out(story)
    path = f"/v1/roadmaps/{roadmap['id']}/versions"
    version = await story.send("POST", path, status=201, json={"name": "Before the cut"})
    await moved(story, roadmap, export, horizon="later")
    scenario = await branched(story, roadmap, version_id=version["id"])
    items = (await story.get(f"/v1/scenarios/{scenario['id']}/items"))["items"]
    assert {item["feature"]["title"]: item["horizon"] for item in items} == {"Export": "now", "Wizard": "next"}
    compared = await story.get(f"/v1/scenarios/{scenario['id']}/comparison")
    assert (compared["changed_on_roadmap"], compared["changed_in_scenario"]) == ([export["id"]], [])
    other = await story.roadmap("Another")
    body = {"roadmap_id": other["id"], "name": "Mixed up", "version_id": version["id"]}
    problem = await story.refused("POST", "/v1/scenarios", 422, json=body)
    assert problem["errors"][0]["pointer"] == "/version_id"


async def test_scenarios_and_versions_of_others_do_not_exist(story: Story, caller: Caller) -> None:
    roadmap, _, wizard = await laid_out(story)
    scenario = await branched(story, roadmap)
    version = await story.send("POST", f"/v1/roadmaps/{roadmap['id']}/versions", status=201, json={"name": "Ours"})
    stranger = caller(workspace_id=uuid4())
    for path in (
        f"/v1/scenarios/{scenario['id']}",
        f"/v1/scenarios/{scenario['id']}/items",
        f"/v1/scenarios/{scenario['id']}/items/{wizard['id']}",
        f"/v1/scenarios/{scenario['id']}/comparison",
        f"/v1/roadmaps/{roadmap['id']}/versions",
        f"/v1/roadmaps/{roadmap['id']}/versions/{version['id']}",
    ):
        assert (await stranger.get(path)).status_code == 404
    refused = await stranger.post("/v1/scenarios", json={"roadmap_id": roadmap["id"], "name": "Theirs"})
    assert refused.status_code == 422
