"""Competitors, the comparison with them, positioning, templates, and the strategy as a page."""

from uuid import UUID, uuid4

from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_needs import made


def rated(kind: str, subject: Json, level: int) -> Json:
    return {"kind": kind, "id": subject["id"], "level": level, "source": "Tried it", "rated_on": "2027-01-05"}


async def test_a_product_beside_its_competitors(story: Story) -> None:
    product = await made(story, "products", name="Harbour")
    one, other = [await made(story, "competitors", name=name) for name in ("Alpha", "Beta")]
    ratings = [rated("product", product, 4), rated("competitor", one, 2), rated("competitor", other, 5)]
    reminding = await made(story, "capabilities", title="Reminds", importance=3, ratings=ratings)
    await made(story, "capabilities", title="Exports", importance=1, ratings=[rated("product", product, 0)])
    found = await story.get(f"/v1/products/{product['id']}/comparison")
    first = found["capabilities"][0]
    assert (first["title"], first["lead"], first["best_rivals"]) == ("Reminds", -1, [other["id"]])
    assert [(each["name"], each["level"]) for each in first["rivals"]] == [("Alpha", 2), ("Beta", 5)]
    standings = {each["name"]: (each["score"], each["known"]) for each in found["standings"]}
    assert standings == {"Harbour": (3.0, 1.0), "Alpha": (2.0, 0.75), "Beta": (5.0, 0.75)}
    headers = {"If-Match": one["etag"]}
    await story.refused("DELETE", f"/v1/competitors/{one['id']}", 409, headers=headers)
    path = f"/v1/capabilities/{reminding['id']}"
    fewer = await story.change(reminding, path, ratings=[rated("competitor", other, 3)])
    assert [each["level"] for each in fewer["ratings"]] == [3]
    await story.send("DELETE", f"/v1/competitors/{one['id']}", status=204, headers=headers)


async def test_who_is_rated_must_exist_and_only_once(story: Story) -> None:
    product = await made(story, "products", name="Harbour")
    twice = [rated("product", product, 4), rated("product", product, 5)]
    problem = await story.refused("POST", "/v1/capabilities", 422, json={"title": "x", "ratings": twice})
    assert [each["pointer"] for each in problem["errors"]] == ["/ratings"]
    unknown = [rated("product", product, 4), rated("competitor", {"id": str(uuid4())}, 5)]
    problem = await story.refused("POST", "/v1/capabilities", 422, json={"title": "x", "ratings": unknown})
    assert [each["pointer"] for each in problem["errors"]] == ["/ratings/1/id"]
    await story.refused("GET", f"/v1/products/{uuid4()}/comparison", 404)


async def positioned(story: Story, product: Json) -> Json:
    return await made(
        story,
        "positionings",
        product_id=product["id"],
        target="founders",
        need="want to be paid on time",
        name="Harbour",
        category="an invoicing program",
        benefit="reminds late payers",
        alternative="a spreadsheet",
        difference="never forgets",
    )


async def test_a_positioning_reads_as_one_statement(story: Story) -> None:
    product = await made(story, "products", name="Harbour")
    found = await positioned(story, product)
    assert found["statement"] == (
        "For founders who want to be paid on time, Harbour is an invoicing program that reminds late payers. "
        "Unlike a spreadsheet, it never forgets."
    )
    await story.refused("DELETE", f"/v1/products/{product['id']}", 409, headers={"If-Match": product["etag"]})


async def test_okrs_are_set_for_a_term_all_or_none(story: Story) -> None:
    kpi = story.neighbours.kpi(story.workspace)
    result = {"title": "More", "kpi_id": kpi, "start_value": 1, "target_value": 2}
    objective = {"title": "Users stay", "key_results": [result, result]}
    made_all = await made(story, "strategy/okrs", term="2027-Q1", objectives=[objective, objective])
    assert [(each["starts_on"], each["due_on"]) for each in made_all["objectives"]] == [
        ("2027-01-01", "2027-03-31")
    ] * 2
    before = len((await story.get("/v1/objectives"))["items"])
    still = {"title": "x", "key_results": [result, result | {"target_value": 1}]}
    problem = await story.refused(
        "POST", "/v1/strategy/okrs", 422, json={"term": "2027-Q1", "objectives": [objective, still]}
    )
    assert [each["pointer"] for each in problem["errors"]] == ["/objectives/1/key_results/1/target_value"]
    unknown = {"title": "x", "key_results": [result | {"kpi_id": str(uuid4())}, result]}
    problem = await story.refused(
        "POST", "/v1/strategy/okrs", 422, json={"term": "2027-Q1", "objectives": [objective, unknown]}
    )
    assert [each["pointer"] for each in problem["errors"]] == ["/objectives/1/key_results/0/kpi_id"]
    for body in ({"term": "2027-Q5", "objectives": [objective]}, {"term": "2027", "objectives": []}):
        await story.refused("POST", "/v1/strategy/okrs", 422, json=body)
    assert len((await story.get("/v1/objectives"))["items"]) == before


async def test_a_north_star_has_an_objective_for_each_input(story: Story) -> None:
    kpi = story.neighbours.kpi(story.workspace)
    number = {"title": "Paid", "kpi_id": kpi, "start_value": 1, "target_value": 2}
    found = await made(story, "strategy/north-star", term="2027", **number, inputs=[number, number])
    assert [each["metadata"]["role"] for each in found["objectives"]] == ["north_star", "input", "input"]
    templates = await story.get("/v1/strategy/templates")
    assert {each["name"]: each["post_to"] for each in templates["items"]} == {
        "okr": "/v1/strategy/okrs",
        "north_star": "/v1/strategy/north-star",
    }


async def test_the_strategy_as_a_page(story: Story) -> None:
    product = await made(story, "products", name="Harbour")
    persona = await made(story, "personas", name="Founder", goals=["Be paid"])
    need = await made(story, "needs", title="Be paid *on time*", importance=9, persona_ids=[persona["id"]])
    await made(story, "pain-points", title="Chasing", need_id=need["id"])
    await made(story, "visions", statement="No paperwork", product_id=product["id"])
    await made(story, "visions", statement="Of another product")
    await positioned(story, product)
    await made(story, "competitors", name="Alpha")
    await made(story, "capabilities", title="Reminds", ratings=[rated("product", product, 4)])
    answer = await story.client.get(f"/v1/strategy/page?product_id={product['id']}")
    assert answer.headers["content-type"].startswith("text/markdown")
    written = answer.text
    assert written.startswith("# Harbour\n")
    assert "### Be paid \\*on time\\*\n\nimportance 9\n\n- Chasing" in written
    assert "| Reminds | 3 | 4 | ? |" in written
    assert "No paperwork" in written
    assert "Of another product" not in written
    assert "Needs that no feature answers: 1" in written
    whole = (await story.client.get("/v1/strategy/page")).text
    assert "Of another product" in whole
    assert (await story.client.get(f"/v1/strategy/page?product_id={UUID(int=1)}")).status_code == 404
