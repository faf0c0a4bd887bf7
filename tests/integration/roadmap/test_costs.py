"""Exchange rates, costs by work, and how both are shown in budgets and policies."""

from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_budgets import book, budget_of, eur, pay, status
from tests.integration.roadmap.test_needs import made

DOLLAR = {"base_currency": "USD", "quote_currency": "EUR", "rate": 0.9, "valid_from": "2020-01-01"}
SHOWN = {"base_currency": "USD", "quote_currency": "EUR", "rate": 0.9, "valid_from": "2020-01-01"}


def usd(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "USD"}


def package(skill: str, days: float, **fields: object) -> Json:
    return {"skill": skill, "low_days": days, "likely_days": days * 2, "high_days": days * 3, **fields}


async def team(story: Story, name: str, **rates: Json | None) -> Json:
    staff = [{"skill": skill, "people": 2, "day_rate": rate} for skill, rate in rates.items()]
    return await made(story, "teams", name=name, staff=staff)


async def test_a_rate_is_entered_corrected_and_removed(story: Story) -> None:
    rate = await made(story, "exchange-rates", **DOLLAR)
    await story.refused("POST", "/v1/exchange-rates", 409, json=DOLLAR)
    for fault in ({"rate": 0}, {"quote_currency": "USD"}, {"base_currency": "usd"}):
        await story.refused("POST", "/v1/exchange-rates", 422, json=DOLLAR | fault)
    path = f"/v1/exchange-rates/{rate['id']}"
    changed = await story.change(rate, path, rate=0.1234567890123)
    assert (changed["rate"], (await story.get(path))["rate"]) == (0.1234567890123, 0.1234567890123)
    await story.refused("PATCH", path, 422, json={"valid_from": "2021-01-01"}, headers={"If-Match": "*"})
    assert (await story.get("/v1/exchange-rates?base_currency=EUR"))["items"] == []
    await story.send("DELETE", path, status=204, headers={"If-Match": changed["etag"]})


async def test_the_cost_of_a_feature_by_its_work(story: Story) -> None:
    core = await team(story, "Core", backend=eur(500_00), design=usd(400_00), legal=None)
    packages = [package("backend", 1, team_id=core["id"]), package("design", 2)]
    feature = await story.feature(cost=eur(2_000_00), work_packages=packages)
    path = f"/v1/features/{feature['id']}/cost"
    lacking = await story.get(path)
    assert (lacking["is_complete"], lacking["likely"], lacking["difference"]) == (False, eur(1_000_00), None)
    assert [each["lacks"] for each in lacking["work_packages"]] == [None, "no_exchange_rate"]
    (wanted,) = lacking["missing_rates"]
    assert (wanted["base_currency"], wanted["quote_currency"]) == ("USD", "EUR")
    await made(story, "exchange-rates", **DOLLAR)
    found = await story.get(path)
    assert [found[each] for each in ("low", "likely", "high")] == [eur(1_220_00), eur(2_440_00), eur(3_660_00)]
    assert (found["stated"], found["difference"], found["is_complete"]) == (eur(2_000_00), eur(440_00), True)
    assert (found["conversions"], found["missing_rates"]) == ([SHOWN], [])
    assert found["work_packages"][1]["day_rate"] == eur(360_00)
    before = await story.get(f"{path}?on=2019-12-31")
    assert (before["on"], before["is_complete"]) == ("2019-12-31", False)
    dollars = await story.get(f"{path}?currency=USD")
    assert (dollars["stated"], dollars["conversions"][0]["base_currency"]) == (usd(2_222_22), "EUR")
    await story.refused("GET", "/v1/features/01983a7c-5f1e-7d2c-8b3a-4e5f6a7b8c9d/cost", 404)


async def test_without_a_currency_there_is_no_amount(story: Story) -> None:
    feature = await story.feature(work_packages=[package("backend", 1)])
    found = await story.get(f"/v1/features/{feature['id']}/cost")
    assert (found["currency"], found["likely"], found["work_packages"][0]["lacks"]) == (None, None, "no_day_rate")


async def test_a_budget_pays_in_its_own_currency(story: Story) -> None:
    path, lines = await budget_of(story, growth=1_000_00)
    await team(story, "Core", backend=eur(100_00), design=usd(100_00))
    foreign = await story.feature("Foreign", cost=usd(100_00))
    worked = await story.feature("Worked", work_packages=[package("backend", 0.5), package("design", 1)])
    bare = await story.feature("Bare", work_packages=[package("legal", 1)])
    for each in (foreign, worked, bare):
        await story.transition(each, "planned")
    growth = await pay(story, path, lines["growth"], feature_ids=[each["id"] for each in (foreign, worked, bare)])
    entry = {"line_id": growth["id"], "amount": usd(10_00), "occurred_on": "2027-02-01"}
    problem = await story.refused("POST", f"/v1/{path}/entries", 422, json=entry)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("missing_exchange_rate", "/amount/currency")
    lacking = (await status(story, path))["growth"]
    assert (lacking["committed"], lacking["foreign_feature_ids"]) == (eur(0), [foreign["id"]])
    assert lacking["unpriced_feature_ids"] == sorted([worked["id"], bare["id"]])
    assert [each["base_currency"] for each in lacking["missing_rates"]] == ["USD"]
    rate = await made(story, "exchange-rates", **DOLLAR)
    booked = await book(story, path, growth, 0, amount=usd(10_00), feature_id=foreign["id"])
    assert (booked["amount"], booked["paid"], booked["conversion"]) == (eur(9_00), usd(10_00), SHOWN)
    found = (await status(story, path))["growth"]
    assert (found["committed"], found["spent"]) == (eur(90_00 - 9_00 + 100_00 + 180_00), eur(9_00))
    assert (found["computed_feature_ids"], found["unpriced_feature_ids"]) == ([worked["id"]], [bare["id"]])
    assert (found["foreign_feature_ids"], found["conversions"], found["missing_rates"]) == ([], [SHOWN], [])
    await story.change(rate, f"/v1/exchange-rates/{rate['id']}", rate=2)
    assert (await story.get(f"/v1/{path}/entries/{booked['id']}"))["conversion"] == SHOWN


async def test_a_policy_on_costs_converts_or_says_what_it_lacks(story: Story) -> None:
    inside, outside = await story.feature(cost=usd(100_00)), await story.feature("Other", cost=eur(10_00))
    for each in (inside, outside):
        await story.transition(each, "planned")
    policy = {"side": "at_least", "share": 0.95, "measure": "cost", "currency": "EUR"}
    constraint = await made(story, "constraints", title="Mostly this", policy=policy, feature_ids=[inside["id"]])
    path = f"/v1/constraints/{constraint['id']}/check"
    lacking = await story.get(path)
    assert (lacking["share"], len(lacking["missing_rates"])) == (0, 1)
    await made(story, "exchange-rates", **DOLLAR)
    found = await story.get(path)
    assert (found["share"], found["missing_amount"], found["conversions"]) == (0.9, 5_00, [SHOWN])


async def test_an_optimisation_converts_costs_at_the_rate_of_the_planned_day(story: Story) -> None:
    here = await story.feature("Here", value=5, cost=usd(1_000_00))
    later = await story.feature("Later", value=5, cost=usd(1_000_00))
    roadmap = await story.roadmap()
    await story.place(roadmap, later, horizon="next", starts_on="2031-03-01", ends_on="2031-03-31")
    ids = [here["id"], later["id"]]
    question = {"roadmap_id": roadmap["id"], "feature_ids": ids, "budgets": {"cost": eur(1_000_00)}}
    await made(story, "exchange-rates", **DOLLAR | {"valid_from": "2031-01-01", "rate": 2.5})
    problem = await story.refused("POST", "/v1/optimizations", 422, json=question)
    (fault,) = problem["errors"]
    assert (fault["pointer"], fault["code"]) == ("/budgets/cost/currency", "missing_rate")
    assert "from USD to EUR that holds on 20" in fault["detail"]
    await made(story, "exchange-rates", **DOLLAR)
    asked = {600_00: [], 900_00: [here["id"]], 2_499_99: [here["id"]], 3_400_00: ids}
    for budget, expected in asked.items():
        found = await story.optimize(**question | {"budgets": {"cost": eur(budget)}})
        assert sorted(found["proposal"]["chosen"]) == sorted(expected), budget
        assert [(each["base_currency"], each["rate"]) for each in found["conversions"]] == [
            ("USD", DOLLAR["rate"]),
            ("USD", 2.5),
        ]
