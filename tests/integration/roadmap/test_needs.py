"""From a market to a need, its pains, the requirements that end them, and what sets us apart."""

from uuid import UUID, uuid4

from fastapi import FastAPI

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story


async def made(story: Story, collection: str, **fields: object) -> Json:
    return await story.send("POST", f"/v1/{collection}", status=201, json=fields)


async def trace(story: Story, *ids: str) -> Json:
    return await story.send("POST", "/internal/trace", status=200, json={"ids": list(ids)})


async def test_a_figure_needs_its_source(story: Story) -> None:
    problem = await story.refused("POST", "/v1/market-segments", 422, json={"name": "Sole traders", "size": 1_900_000})
    assert [each["pointer"] for each in problem["errors"]] == ["/source"]
    value = {"amount_minor": 5_000_000, "currency": "EUR"}
    segment = await made(story, "market-segments", name="Sole traders", size=10, annual_value=value, source="A survey")
    path = f"/v1/market-segments/{segment['id']}"
    assert (await story.get(path))["annual_value"] == value
    await story.refused("PATCH", path, 422, json={"source": None}, headers={"If-Match": segment["etag"]})
    bare = await story.change(segment, path, source=None, size=None, annual_value=None)
    assert (bare["annual_value"], bare["etag"]) == (None, '"2"')
    await story.refused("POST", "/v1/market-segments", 409, json={"name": "Sole traders"})


async def test_a_need_is_linked_and_found_by_its_links(story: Story) -> None:
    segment = await made(story, "market-segments", name="Sole traders")
    persona = await made(story, "personas", name="Shopkeeper", market_segment_ids=[segment["id"]])
    theme, company = story.neighbours.theme(story.workspace), story.neighbours.company(story.workspace)
    need = await made(
        story,
        "needs",
        title="Be paid on time",
        importance=9,
        satisfaction=3,
        persona_ids=[persona["id"]],
        market_segment_ids=[segment["id"]],
        theme_ids=[theme],
        company_ids=[company],
        revenue={"amount_minor": 100, "currency": "EUR"},
    )
    assert (need["opportunity"], need["theme_ids"], need["company_ids"]) == (15, [theme], [company])
    other = await made(story, "needs", title="Sleep well")
    assert (await story.get(f"/v1/needs?persona_id={persona['id']}&theme_id={theme}"))["items"] == [need]
    assert (await story.get(f"/v1/needs?theme_id={uuid4()}"))["items"] == []
    assert len((await story.get("/v1/needs"))["items"]) == 2
    changed = await story.change(need, f"/v1/needs/{need['id']}", persona_ids=[], theme_ids=[theme], satisfaction=9)
    assert (changed["persona_ids"], changed["market_segment_ids"], changed["etag"]) == ([], [segment["id"]], '"2"')
    await story.send("DELETE", f"/v1/needs/{other['id']}", status=204, headers={"If-Match": other["etag"]})


async def test_unknown_ends_are_named(story: Story) -> None:
    unknown = str(uuid4())
    ends = {"persona_ids": [unknown], "market_segment_ids": [unknown]}
    problem = await story.refused("POST", "/v1/needs", 422, json={"title": "x", **ends})
    assert {each["pointer"] for each in problem["errors"]} == {"/persona_ids/0", "/market_segment_ids/0"}
    for field in ("theme_ids", "company_ids"):
        problem = await story.refused("POST", "/v1/needs", 422, json={"title": "x", field: [unknown]})
        assert [each["pointer"] for each in problem["errors"]] == [f"/{field}/0"]
    problem = await story.refused("POST", "/v1/pain-points", 422, json={"title": "x", "need_id": unknown})
    assert [each["pointer"] for each in problem["errors"]] == ["/need_id"]
    problem = await story.refused("POST", "/v1/features", 422, json={"title": "x", "product_id": unknown})
    assert [each["pointer"] for each in problem["errors"]] == ["/product_id"]


async def test_what_is_named_stays(story: Story) -> None:
    persona = await made(story, "personas", name="Shopkeeper")
    need = await made(story, "needs", title="Be paid on time", persona_ids=[persona["id"]])
    pain = await made(story, "pain-points", title="Half a day each month", need_id=need["id"])
    product = await made(story, "products", name="Invoices")
    feature, objective = await story.feature(product_id=product["id"]), await story.objective()
    own = await made(
        story, "differentiators", title="By itself", feature_ids=[feature["id"]], objective_ids=[objective["id"]]
    )
    for path, row in {
        f"/v1/personas/{persona['id']}": persona,
        f"/v1/needs/{need['id']}": need,
        f"/v1/products/{product['id']}": product,
        f"/v1/features/{feature['id']}": feature,
        f"/v1/objectives/{objective['id']}": objective,
    }.items():
        await story.refused("DELETE", path, 409, headers={"If-Match": row["etag"]})
    await story.send("DELETE", f"/v1/differentiators/{own['id']}", status=204, headers={"If-Match": own["etag"]})
    await story.send("DELETE", f"/v1/features/{feature['id']}", status=204, headers={"If-Match": feature["etag"]})
    await story.send("DELETE", f"/v1/products/{product['id']}", status=204, headers={"If-Match": product["etag"]})
    await story.send("DELETE", f"/v1/pain-points/{pain['id']}", status=204, headers={"If-Match": pain["etag"]})
    await story.send("DELETE", f"/v1/needs/{need['id']}", status=204, headers={"If-Match": need["etag"]})


async def test_what_a_need_rests_on(story: Story, caller: Caller, lonely_app: FastAPI) -> None:
    themes = [story.neighbours.theme(story.workspace, size=size) for size in (5, 12)]
    segment = await made(story, "market-segments", name="Sole traders", size=7, source="A survey")
    need = await made(story, "needs", title="Be paid on time", theme_ids=themes[:1], market_segment_ids=[segment["id"]])
    await made(story, "pain-points", title="Chasing", need_id=need["id"], theme_ids=themes)
    path = f"/v1/needs/{need['id']}/grounds"
    grounds = await story.get(path)
    assert [theme["id"] for theme in grounds["themes"]] == themes[::-1]
    assert (grounds["feedback_count"], grounds["market_segments"][0]["source"]) == (17, "A survey")
    planner = caller(scopes=frozenset({"roadmap:read"}))
    unread = (await planner.get(path)).json()
    assert (unread["themes"], unread["feedback_count"]) == (None, None)
    alone = (await caller(app=lonely_app).get(path)).json()
    assert [(each["id"], each["name"], each["size"]) for each in alone["themes"]] == [
        (themes[1], None, 12),
        (themes[0], None, 5),
    ]
    assert (alone["feedback_count"], alone["market_segments"]) == (17, grounds["market_segments"])
    assert alone["themes_as_of"] < grounds["themes_as_of"]


async def test_what_the_companies_behind_a_need_pay(story: Story, caller: Caller) -> None:
    one, other = (story.neighbours.company(story.workspace) for _ in range(2))

    def pays(minor: int, currency: str, since: str, until: str | None = None) -> Json:
        return {"annual": {"amount_minor": minor, "currency": currency}, "valid_from": since, "valid_until": until}

    story.neighbours.revenues[UUID(one)] = [
        pays(100, "EUR", "2020-01-01", "2021-01-01"),
        pays(300, "EUR", "2021-01-01"),
        pays(9, "EUR", "2999-01-01"),
    ]
    story.neighbours.revenues[UUID(other)] = [pays(40, "EUR", "2021-01-01"), pays(7, "USD", "2021-01-01")]
    need = await made(story, "needs", title="Be paid on time", company_ids=[one, other])
    path = f"/v1/needs/{need['id']}/grounds"
    assert (await story.get(path))["revenue_of_companies"] == [
        {"amount_minor": 340, "currency": "EUR"},
        {"amount_minor": 7, "currency": "USD"},
    ]
    planner = caller(scopes=frozenset({"roadmap:read"}))
    assert (await planner.get(path)).json()["revenue_of_companies"] is None


async def test_the_chain_runs_from_the_persona_to_the_feature(story: Story) -> None:
    persona = await made(story, "personas", name="Shopkeeper")
    theme, requirement = story.neighbours.theme(story.workspace), story.neighbours.requirement(story.workspace)
    need = await made(story, "needs", title="Be paid on time", persona_ids=[persona["id"]], theme_ids=[theme])
    pain = await made(
        story, "pain-points", title="Chasing", need_id=need["id"], requirement_ids=[requirement], theme_ids=[theme]
    )
    feature = await story.feature(requirement_ids=[requirement])
    own = await made(story, "differentiators", title="By itself", need_ids=[need["id"]], feature_ids=[feature["id"]])
    told = await trace(story, persona["id"], need["id"], pain["id"], feature["id"], own["id"])
    assert {node["type"] for node in told["nodes"]} == {"persona", "need", "pain_point", "feature", "differentiator"}
    assert {(edge["from"], edge["to"], edge["kind"]) for edge in told["edges"]} == {
        (persona["id"], need["id"], "in_need_of"),
        (theme, need["id"], "shows"),
        (theme, pain["id"], "tells_of"),
        (need["id"], pain["id"], "hurts_as"),
        (pain["id"], requirement, "asks_for"),
        (requirement, feature["id"], "becomes"),
        (need["id"], own["id"], "answered_by"),
        (own["id"], feature["id"], "supported_by"),
    }


async def test_another_workspace_cannot_name_it(story: Story, caller: Caller) -> None:
    persona = await made(story, "personas", name="Shopkeeper")
    stranger = Story(caller(workspace_id=UUID(int=7)), story.neighbours, UUID(int=7))
    await stranger.refused("GET", f"/v1/personas/{persona['id']}", 404)
    await stranger.refused("POST", "/v1/needs", 422, json={"title": "x", "persona_ids": [persona["id"]]})
    assert (await trace(stranger, persona["id"]))["nodes"] == []
