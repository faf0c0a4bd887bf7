"""Budgets, and constraints that the plan keeps or breaks."""

from uuid import uuid4

from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_needs import made

YEAR = {"currency": "EUR", "starts_on": "2027-01-01", "ends_on": "2099-12-31"}


def eur(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "EUR"}


async def budget_of(story: Story, **planned: int) -> tuple[str, dict[str, Json]]:
    """A budget's path and its lines by name."""
    budget = await made(story, "budgets", name="Product 2027", **YEAR)
    path = f"budgets/{budget['id']}"
    lines = {name: await made(story, f"{path}/lines", name=name, planned=eur(minor)) for name, minor in planned.items()}
    return path, lines


async def pay(story: Story, path: str, line: Json, **links: list[str]) -> Json:
    return await story.change(line, f"/v1/{path}/lines/{line['id']}", **links)


async def book(story: Story, path: str, line: Json, minor: int, **fields: object) -> Json:
    body = {"line_id": line["id"], "amount": eur(minor), "occurred_on": "2027-02-01", **fields}
    return await story.send("POST", f"/v1/{path}/entries", status=201, json=body)


async def status(story: Story, path: str) -> dict[str, Json]:
    found = await story.get(f"/v1/{path}/status")
    return {line["name"]: line for line in found["lines"]} | {"total": found["total"]}


async def test_money_as_it_stands(story: Story) -> None:
    path, lines = await budget_of(story, growth=100_00, quality=50_00)
    shipped = await story.feature("Shipped", cost=eur(10_00))
    await story.transition(shipped, "shipped", started_at="2026-01-01T00:00:00Z", at="2026-02-01T00:00:00Z")
    objective = await story.objective()
    planned = await story.feature("Planned", cost=eur(30_00), objective_ids=[objective["id"]])
    await story.transition(planned, "planned")
    bare, foreign = await story.feature("Bare"), await story.feature(cost={"amount_minor": 5, "currency": "USD"})
    named = [each["id"] for each in (shipped, bare, foreign)]
    growth = await pay(story, path, lines["growth"], feature_ids=named, objective_ids=[objective["id"]])
    await book(story, path, growth, 15_00, feature_id=shipped["id"])
    contract = await book(story, path, growth, 20_00, kind="contract")
    await book(story, path, growth, 5_00, contract_id=contract["id"])
    await book(story, path, growth, 1_00)
    await book(story, path, growth, -50)
    found = await status(story, path)
    assert found["growth"]["cost_ratio"] == 1.5
    assert {name: found["growth"][name]["amount_minor"] for name in ("planned", "committed", "spent", "overrun")} == {
        "planned": 100_00,
        "committed": 30_00 + 15_00,
        "spent": 15_00 + 5_00 + 50,
        "overrun": 0,
    }
    assert found["growth"]["forecast_at_completion"] == eur(20_50 + 15_00 + 45_00)
    assert (found["growth"]["unpriced_feature_ids"], found["growth"]["foreign_feature_ids"]) == (
        [bare["id"]],
        [foreign["id"]],
    )
    assert found["total"]["available"] == eur(150_00 - 45_00 - 20_50)
    entries = await story.get(f"/v1/{path}/entries?kind=contract")
    assert entries["items"] == [contract]
    assert await story.get(f"/v1/{path}/entries/{contract['id']}") == contract


async def test_each_feature_is_paid_for_once(story: Story) -> None:
    path, lines = await budget_of(story, growth=100_00, quality=50_00)
    feature = await story.feature(cost=eur(30_00))
    await story.transition(feature, "planned")
    initiative = await made(story, "initiatives", title="The first week", feature_ids=[feature["id"]])
    await pay(story, path, lines["growth"], initiative_ids=[initiative["id"]])
    assert (await status(story, path))["growth"]["committed"] == eur(30_00)
    await pay(story, path, lines["quality"], feature_ids=[feature["id"]])
    found = await status(story, path)
    assert (found["growth"]["committed"], found["quality"]["committed"]) == (eur(0), eur(30_00))
    headers = {"If-Match": initiative["etag"]}
    await story.refused("DELETE", f"/v1/initiatives/{initiative['id']}", 409, headers=headers)


async def test_a_proposed_feature_counts_once_a_roadmap_holds_it(story: Story) -> None:
    path, lines = await budget_of(story, growth=20_00)
    feature, roadmap = await story.feature(cost=eur(30_00)), await story.roadmap()
    await pay(story, path, lines["growth"], feature_ids=[feature["id"]])
    assert (await status(story, path))["growth"]["forecast_at_completion"] == eur(0)
    await story.place(roadmap, feature)
    found = (await status(story, path))["growth"]
    assert (found["committed"], found["forecast_at_completion"], found["overrun"]) == (eur(0), eur(30_00), eur(10_00))


async def test_what_does_not_fit_is_refused(story: Story) -> None:
    path, lines = await budget_of(story, growth=100_00)
    other_path, _ = await budget_of(story, growth=100_00)
    line = lines["growth"]
    usd = {"amount_minor": 1, "currency": "USD"}
    await story.refused("POST", f"/v1/{path}/lines", 422, json={"name": "x", "planned": usd})
    await story.refused("POST", f"/v1/{path}/lines", 422, json={"name": "x", "planned": eur(-1)})
    await story.refused("POST", f"/v1/{path}/lines", 409, json={"name": "growth", "planned": eur(1)})
    await story.refused("GET", f"/v1/{other_path}/lines/{line['id']}", 404)
    entry = {"line_id": line["id"], "amount": eur(1), "occurred_on": "2027-02-01"}
    for fault in (
        {"occurred_on": "2026-12-31"},
        {"amount": usd, "kind": "contract"},
        {"line_id": str(uuid4())},
        {"feature_id": str(uuid4())},
        {"contract_id": str(uuid4())},
        {"kind": "contract", "amount": eur(-1)},
    ):
        await story.refused("POST", f"/v1/{path}/entries", 422, json=entry | fault)
    await story.refused("POST", f"/v1/{other_path}/entries", 422, json=entry)
    booked = await book(story, path, line, 1)
    await story.refused("GET", f"/v1/{other_path}/entries/{booked['id']}", 404)
    headers = {"If-Match": line["etag"]}
    await story.refused("DELETE", f"/v1/{path}/lines/{line['id']}", 409, headers=headers)
    budget = await story.get(f"/v1/{path}")
    await story.refused("DELETE", f"/v1/{path}", 409, headers={"If-Match": budget["etag"]})


async def test_a_date_is_broken_by_days(story: Story) -> None:
    roadmap, early, late, undated = await story.roadmap(), *[await story.feature(each) for each in "abc"]
    await story.place(roadmap, early, ends_on="2027-03-31")
    await story.place(roadmap, late, ends_on="2027-04-09")
    ids = [each["id"] for each in (early, late, undated)]
    constraint = await made(
        story, "constraints", title="Before the fair", due_on="2027-03-31", feature_ids=ids, roadmap_id=roadmap["id"]
    )
    check = await story.get(f"/v1/constraints/{constraint['id']}/check")
    assert (check["is_broken"], check["days_late"]) == (True, 9)
    assert (check["late_feature_ids"], check["undated_feature_ids"]) == ([late["id"]], [undated["id"]])
    headers = {"If-Match": roadmap["etag"]}
    later = await story.get(f"/v1/roadmaps/{roadmap['id']}")
    headers = {"If-Match": later["etag"]}
    await story.refused("DELETE", f"/v1/roadmaps/{roadmap['id']}", 409, headers=headers)


async def test_a_share_is_broken_by_days_of_work(story: Story) -> None:
    roadmap = await story.roadmap()
    quality, growth = await story.feature("q", effort_days=20), await story.feature("g", effort_days=80)
    initiative = await made(story, "initiatives", title="Quality", feature_ids=[quality["id"]])
    policy = {"side": "at_least", "share": 0.3}
    constraint = await made(
        story, "constraints", title="30 % on quality", policy=policy, initiative_ids=[initiative["id"]]
    )
    path = f"/v1/constraints/{constraint['id']}"
    assert constraint["policy"] == policy | {"measure": "effort_days", "currency": None}
    empty = await story.get(f"{path}/check")
    assert (empty["is_broken"], empty["share"]) == (False, None)
    await story.place(roadmap, quality)
    await story.place(roadmap, growth)
    check = await story.get(f"{path}/check")
    assert (check["share"], check["missing_share"], check["missing_amount"]) == (0.2, 0.1, 10)
    await story.refused("PATCH", path, 422, json={"due_on": "2027-01-01"}, headers={"If-Match": constraint["etag"]})
    dated = await story.change(constraint, path, due_on="2027-01-01", policy=None)
    assert (dated["policy"], dated["due_on"]) == (None, "2027-01-01")
    await story.refused("POST", "/v1/constraints", 422, json={"title": "x"})
    cost = {"side": "at_most", "share": 0.5, "measure": "cost"}
    await story.refused("POST", "/v1/constraints", 422, json={"title": "x", "policy": cost})


async def test_coverage_tells_what_is_unfunded_and_broken(story: Story) -> None:
    path, lines = await budget_of(story, growth=20_00)
    objective, other = await story.objective(), await story.objective("Others")
    feature = await story.feature(cost=eur(30_00), objective_ids=[objective["id"]])
    await story.transition(feature, "planned")
    found = await story.get("/v1/strategy/coverage")
    assert {each["objective_id"] for each in found["objectives_unfunded"]["items"]} == {objective["id"], other["id"]}
    await pay(story, path, lines["growth"], feature_ids=[feature["id"]])
    constraint = await made(
        story,
        "constraints",
        title="No more than half",
        feature_ids=[feature["id"]],
        policy={"side": "at_most", "share": 0.5, "measure": "features"},
    )
    kept = await made(story, "constraints", title="In time", feature_ids=[feature["id"]], due_on="2027-01-01")
    found = await story.get("/v1/strategy/coverage")
    assert {each["objective_id"] for each in found["objectives_unfunded"]["items"]} == {other["id"]}
    broken = {each["title"]: each for each in found["constraints_broken"]["items"]}
    assert broken.keys() == {"growth", "No more than half"}
    assert (broken["growth"]["kind"], broken["growth"]["overrun"]) == ("budget", eur(10_00))
    assert broken["growth"]["budget_line_id"] == lines["growth"]["id"]
    assert (broken["No more than half"]["constraint_id"], broken["No more than half"]["missing_amount"]) == (
        constraint["id"],
        0.5,
    )
    assert (await story.get(f"/v1/constraints/{kept['id']}/check"))["undated_feature_ids"] == [feature["id"]]
