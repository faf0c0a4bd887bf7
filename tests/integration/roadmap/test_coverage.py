"""Visions that are kept as they were, initiatives, and where strategy and plan do not meet."""

from contextlib import AsyncExitStack
from uuid import UUID, uuid4

from services.roadmap.app import build_service
from services.roadmap.clients.context import RoadmapContext
from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.neighbours import running_neighbours
from tests.integration.roadmap.settings import settings_of
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_needs import made, trace
from tests.postgres import DatabaseAddress


async def coverage(story: Story) -> Json:
    return await story.get("/v1/strategy/coverage")


def ids(gaps: Json, noun: str) -> dict[str, str]:
    """What is wrong with each."""
    return {
        each[f"{noun}_id"]: each.get("broken_at") or each.get("lacks") or each.get("flaw") for each in gaps["items"]
    }


async def test_a_vision_is_kept_as_it_was(story: Story) -> None:
    need = await made(story, "needs", title="Be paid on time")
    vision = await made(story, "visions", statement="No paperwork", need_ids=[need["id"]])
    path = f"/v1/visions/{vision['id']}"
    headers = {"If-Match": vision["etag"]}
    await story.refused("PATCH", path, 422, json={"statement": "Less paperwork"}, headers=headers)
    later = await story.change(vision, path, statement="Less paperwork", need_ids=[], reason="We learnt")
    assert (later["statement"], later["need_ids"], later["etag"]) == ("Less paperwork", [], '"2"')
    first = await story.get(f"{path}/revisions?limit=1")
    assert [(each["number"], each["reason"]) for each in first["items"]] == [(2, "We learnt")]
    rest = await story.get(f"{path}/revisions?cursor={first['next_cursor']}")
    assert [each["contents"]["statement"] for each in rest["items"]] == ["No paperwork"]
    assert rest["items"][0]["contents"]["need_ids"] == [need["id"]]
    await story.refused("POST", "/v1/visions", 422, json={"statement": "x", "product_id": str(uuid4())})
    await story.send("DELETE", path, status=204, headers={"If-Match": later["etag"]})


async def test_a_product_with_a_vision_stays(story: Story) -> None:
    product = await made(story, "products", name="Invoices")
    await made(story, "visions", statement="No paperwork", product_id=product["id"])
    assert len((await story.get(f"/v1/visions?product_id={product['id']}"))["items"]) == 1
    path = f"/v1/products/{product['id']}"
    problem = await story.refused("DELETE", path, 409, headers={"If-Match": product["etag"]})
    assert problem["code"] == "still_referenced"


async def test_an_initiative_groups_features_under_objectives(story: Story) -> None:
    feature, objective = await story.feature(), await story.objective()
    dates = {"starts_on": "2027-02-01", "due_on": "2027-01-01"}
    await story.refused("POST", "/v1/initiatives", 422, json={"title": "x", **dates})
    vision = await made(story, "visions", statement="No paperwork", objective_ids=[objective["id"]])
    initiative = await made(
        story, "initiatives", title="The first week", feature_ids=[feature["id"]], objective_ids=[objective["id"]]
    )
    found = await story.get(f"/v1/initiatives?objective_id={objective['id']}&status=proposed")
    assert found["items"] == [initiative]
    told = await trace(story, vision["id"], initiative["id"], objective["id"])
    assert {(edge["from"], edge["to"], edge["kind"]) for edge in told["edges"]} == {
        (vision["id"], objective["id"], "pursued_by"),
        (objective["id"], initiative["id"], "pursued_by"),
        (initiative["id"], feature["id"], "carried_out_by"),
    }
    assert {node["type"] for node in told["nodes"]} == {"vision", "initiative", "objective"}


async def test_coverage_names_each_missing_link(story: Story) -> None:
    requirement = story.neighbours.requirement(story.workspace)
    need = await made(story, "needs", title="Be paid on time", importance=9, satisfaction=3)
    bare = await made(story, "needs", title="Sleep well")
    pain = await made(story, "pain-points", title="Chasing", need_id=need["id"])
    objective = await story.objective()
    feature = await story.feature(requirement_ids=[requirement])
    claim = await made(story, "differentiators", title="By itself", need_ids=[need["id"]])
    found = await coverage(story)
    assert (found["needs"], found["needs_covered"]) == (2, 0)
    assert ids(found["needs_without_features"], "need") == {need["id"]: "no_requirement", bare["id"]: "no_pain_point"}
    assert [each["opportunity"] for each in found["needs_without_features"]["items"]] == [15, None]
    assert ids(found["features_without_need"], "feature") == {feature["id"]: "no_pain_point"}
    assert ids(found["differentiators_unsupported"], "differentiator") == {claim["id"]: "no_feature"}
    assert set(ids(found["objectives_without_features"], "objective")) == {objective["id"]}
    await story.change(pain, f"/v1/pain-points/{pain['id']}", requirement_ids=[requirement])
    await story.change(claim, f"/v1/differentiators/{claim['id']}", feature_ids=[feature["id"]])
    await made(story, "initiatives", title="x", objective_ids=[objective["id"]], feature_ids=[feature["id"]])
    found = await coverage(story)
    assert ids(found["needs_without_features"], "need") == {bare["id"]: "no_pain_point"}
    for gap in ("features_without_need", "differentiators_unsupported", "objectives_without_features"):
        assert found[gap] == {"count": 0, "items": []}
    await story.transition(feature, "dropped", reason="Too dear")
    found = await coverage(story)
    assert ids(found["needs_without_features"], "need")[need["id"]] == "only_dropped"
    short = await story.get("/v1/strategy/coverage?limit=1")
    assert (short["needs_without_features"]["count"], len(short["needs_without_features"]["items"])) == (2, 1)


async def test_strategy_stands_when_the_neighbours_are_stopped(
    roadmap_database: DatabaseAddress, caller: Caller, workspace: UUID
) -> None:
    """What was cited a moment before they stopped can be cited again, and coverage asks nobody."""
    neighbours = AsyncExitStack()
    running = await neighbours.enter_async_context(running_neighbours())
    app = build_service(RoadmapContext.build(settings_of(roadmap_database, neighbours_url=running.url)))
    async with app.router.lifespan_context(app):
        story = Story(caller(app=app), running, workspace)
        theme, requirement = running.theme(workspace), running.requirement(workspace)
        cited = {"theme_ids": [theme], "company_ids": [running.company(workspace)]}
        need = await made(story, "needs", title="Be paid on time", **cited)
        await made(story, "pain-points", title="Chasing", need_id=need["id"], requirement_ids=[requirement])
        decision = {"title": "x", "rationale": "y", "cites": [{"kind": "target", "id": running.target(workspace)}]}
        await story.send("POST", "/v1/decisions", status=201, json=decision)
        before = await coverage(story)
        await neighbours.aclose()
        after = await coverage(story)
        assert after | {"as_of": None} == before | {"as_of": None}
        await made(story, "needs", title="Sleep well", **cited)
        await story.feature(requirement_ids=[requirement])
        await story.send("POST", "/v1/decisions", status=201, json=decision)
        found = await coverage(story)
        assert (found["needs"], found["needs_covered"]) == (2, 1)
        await story.refused("POST", "/v1/needs", 503, json={"title": "x", "theme_ids": [str(uuid4())]})
