"""Objectives and key results."""

from uuid import UUID, uuid4

from fastapi import FastAPI

from services.roadmap.strategy.progress import refresh_progress
from tests.integration.roadmap.story import Story


async def test_an_objective_with_its_key_results(story: Story) -> None:
    kpi = story.neighbours.kpi(story.workspace)
    result = {"title": "Nine in ten", "kpi_id": kpi, "start_value": 82, "target_value": 90}
    objective = await story.objective(key_results=[result], due_on="2027-03-31")
    assert [each["kpi_id"] for each in objective["key_results"]] == [kpi]
    assert (objective["progress"], objective["key_results"][0]["progress"]) == (None, None)
    assert await story.get(f"/v1/objectives/{objective['id']}") == objective
    page = await story.get("/v1/objectives?status=active")
    assert page["items"] == [objective]


async def test_key_results_have_addresses_of_their_own(story: Story) -> None:
    kpi = story.neighbours.kpi(story.workspace)
    objective = await story.objective()
    path = f"/v1/objectives/{objective['id']}"
    body = {"title": "Fewer tickets", "kpi_id": kpi, "start_value": 40, "target_value": 10}
    result = await story.send("POST", f"{path}/key-results", status=201, json=body)
    after = await story.get(path)
    assert after["etag"] != objective["etag"]
    changed = await story.change(result, f"{path}/key-results/{result['id']}", target_value=20)
    assert changed["target_value"] == 20
    assert await story.get(f"{path}/key-results/{result['id']}") == changed
    await story.send("DELETE", f"{path}/key-results/{result['id']}", status=204, headers={"If-Match": changed["etag"]})
    assert (await story.get(path))["key_results"] == []
    other = await story.objective()
    await story.refused("GET", f"/v1/objectives/{other['id']}/key-results/{result['id']}", 404)


async def test_what_makes_no_sense_is_refused(story: Story) -> None:
    kpi = story.neighbours.kpi(story.workspace)
    still = {"title": "Stand still", "kpi_id": kpi, "start_value": 5, "target_value": 5}
    problem = await story.refused("POST", "/v1/objectives", 422, json={"title": "x", "key_results": [still]})
    assert [each["pointer"] for each in problem["errors"]] == ["/key_results/0/target_value"]
    unknown = still | {"kpi_id": str(uuid4()), "target_value": 6}
    problem = await story.refused("POST", "/v1/objectives", 422, json={"title": "x", "key_results": [unknown]})
    assert problem["code"] == "unknown_reference"
    dates = {"title": "x", "starts_on": "2027-02-01", "due_on": "2027-01-01"}
    await story.refused("POST", "/v1/objectives", 422, json=dates)


async def test_an_objective_that_features_serve_stays(story: Story) -> None:
    objective = await story.objective()
    feature = await story.feature(objective_ids=[objective["id"]])
    headers = {"If-Match": objective["etag"]}
    problem = await story.refused("DELETE", f"/v1/objectives/{objective['id']}", 409, headers=headers)
    assert problem["code"] == "still_referenced"
    await story.change(feature, f"/v1/features/{feature['id']}", objective_ids=[])
    await story.send("DELETE", f"/v1/objectives/{objective['id']}", status=204, headers=headers)


async def test_progress_flows_in_from_metrics(story: Story, roadmap_app: FastAPI) -> None:
    kpi, other = story.neighbours.kpi(story.workspace), story.neighbours.kpi(story.workspace)
    results = [
        {"title": "Nine in ten", "kpi_id": kpi, "start_value": 82, "target_value": 90, "weight": 3},
        {"title": "Fewer tickets", "kpi_id": other, "start_value": 40, "target_value": 10},
    ]
    objective = await story.objective(key_results=results)
    story.neighbours.figures[UUID(kpi)] = [83, 88, None]
    await refresh_progress(roadmap_app.state.context)
    shown = await story.get(f"/v1/objectives/{objective['id']}")
    by_kpi = {each["kpi_id"]: each for each in shown["key_results"]}
    assert (by_kpi[kpi]["current_value"], by_kpi[kpi]["progress"]) == (88, 0.75)
    assert (by_kpi[other]["progress"], shown["progress"]) == (None, 0.5625)
    await refresh_progress(roadmap_app.state.context)
    assert await story.get(f"/v1/objectives/{objective['id']}") == shown
