"""What binds features to one another, and that every plan keeps to it."""

from uuid import uuid4

from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_schedules import FIRST, a_house, dates, schedule, work


async def rule(story: Story, kind: str, *features: Json, **fields: object) -> Json:
    body = {"kind": kind, "feature_ids": [each["id"] for each in features], **fields}
    return await story.send("POST", "/v1/feature-rules", status=201, json=body)


async def chosen(story: Story, **question: object) -> tuple[str, set[str], dict[str, str]]:
    """Status, titles of what was chosen, and why each other feature was not."""
    proposal = (await story.optimize(**question))["proposal"]
    page = await story.get("/v1/features")
    titles = {each["id"]: each["title"] for each in page["items"]}
    reasons = {titles[why["feature_id"]]: why["reason"] for why in proposal["not_chosen"]}
    return proposal["status"], {titles[each] for each in proposal["chosen"]}, reasons


async def test_links_have_a_kind_and_a_lag(story: Story) -> None:
    login, mail = await story.feature("Login"), await story.feature("Mail")
    link = {"feature_id": login["id"], "link": "start_start", "lag_days": 10}
    sharing = await story.feature("Sharing", dependencies=[link])
    assert (sharing["dependencies"], sharing["depends_on"]) == ([link], [login["id"]])
    path = f"/v1/features/{sharing['id']}"
    sharing = await story.change(sharing, path, depends_on=[login["id"], mail["id"]])
    usual = {"feature_id": mail["id"], "link": "finish_start", "lag_days": 0}
    assert sharing["dependencies"] == sorted([link, usual], key=lambda each: str(each["feature_id"]))
    sharing = await story.change(sharing, path, dependencies=[])
    assert sharing["depends_on"] == []


async def test_a_link_that_cannot_be_is_refused(story: Story) -> None:
    login = await story.feature("Login")
    link = {"feature_id": login["id"], "link": "start_start"}
    for body in (
        {"dependencies": [link, link]},
        {"dependencies": [link], "depends_on": [login["id"]]},
        {"dependencies": [link | {"lag_days": -1}]},
    ):
        await story.refused("POST", "/v1/features", 422, json={"title": "Sharing", **body})
    unknown = {"title": "Sharing", "dependencies": [{"feature_id": str(uuid4())}]}
    problem = await story.refused("POST", "/v1/features", 422, json=unknown)
    assert [each["pointer"] for each in problem["errors"]] == ["/dependencies/0/feature_id"]
    sharing = await story.feature("Sharing", dependencies=[link])
    circle = {"dependencies": [{"feature_id": sharing["id"], "link": "start_start"}]}
    headers = {"If-Match": login["etag"]}
    problem = await story.refused("PATCH", f"/v1/features/{login['id']}", 409, json=circle, headers=headers)
    assert problem["code"] == "circular_dependency"


async def test_schedules_keep_links_and_lags(story: Story) -> None:
    house = await a_house(story)
    login, sharing = house["Login"], house["Sharing"]
    path = f"/v1/features/{sharing['id']}"
    lagging = {"feature_id": login["id"], "link": "finish_start", "lag_days": 8}
    sharing = await story.change(sharing, path, dependencies=[lagging])
    proposal = (await schedule(story))["proposal"]
    assert dates(proposal, login) == ("2027-01-04", "2027-01-08")
    assert dates(proposal, sharing) == ("2027-01-25", "2027-02-05")
    one_person = [work("code", 10)]
    beside = {"feature_id": login["id"], "link": "start_start", "lag_days": 0}
    await story.change(login, f"/v1/features/{login['id']}", work_packages=one_person)
    await story.change(sharing, path, dependencies=[beside], work_packages=one_person)
    proposal = (await schedule(story))["proposal"]
    assert dates(proposal, sharing) == dates(proposal, login) == (FIRST, "2027-01-15")


async def test_forecasts_keep_links_and_lags(story: Story) -> None:
    house, roadmap = await a_house(story), await story.roadmap()
    for title in ("Login", "Sharing"):
        await story.place(roadmap, house[title])

    async def done() -> str:
        asked = {"roadmap_id": roadmap["id"], "starts_on": FIRST, "samples": 1000}
        started = await story.send("POST", "/v1/forecasts", status=202, json=asked)
        await story.until_final(f"/v1/operations/{started['id']}")
        found = await story.get(f"/v1/forecasts/{started['forecast_id']}")
        by_id = {each["feature_id"]: each["done"]["p50"] for each in found["answer"]["features"]}
        return str(by_id[house["Sharing"]["id"]])

    before = await done()
    lagging = {"feature_id": house["Login"]["id"], "lag_days": 70}
    path = f"/v1/features/{house['Sharing']['id']}"
    await story.change(house["Sharing"], path, dependencies=[lagging])
    assert await done() > before


async def test_every_plan_keeps_the_rules(story: Story) -> None:
    copy, sync = (
        await story.feature("Copy", value=5, effort_days=1),
        await story.feature("Sync", value=9, effort_days=9),
    )
    mail, text = (
        await story.feature("Mail", value=4, effort_days=1),
        await story.feature("Text", value=1, effort_days=2),
    )
    await rule(story, "alternatives", copy, sync, reason="One way out is enough.")
    await rule(story, "coupling", mail, text)
    status, taken, reasons = await chosen(story, budgets={"effort_days": 20})
    assert (status, taken, reasons) == ("optimal", {"Sync", "Mail", "Text"}, {"Copy": "excluded"})
    assert (await chosen(story, feature_ids=[mail["id"]]))[1] == {"Mail", "Text"}
    await story.transition(copy, "in_progress")
    status, taken, reasons = await chosen(story, budgets={"effort_days": 20})
    assert (status, taken, reasons) == ("optimal", {"Copy", "Mail", "Text"}, {"Sync": "pinned_out"})


async def test_exactly_one_of_several_is_built(story: Story) -> None:
    """Although neither is worth anything, and the dearer one would not fit."""
    card, bank = await story.feature("Card", effort_days=9), await story.feature("Bank", effort_days=2)
    shine = await story.feature("Shine", value=9, effort_days=8)
    await rule(story, "one_of", card, bank, reason="They must be able to pay.")
    assert await chosen(story, budgets={"effort_days": 9}) == (
        "optimal",
        {"Bank"},
        {"Card": "excluded", "Shine": "over_budget"},
    )
    assert (await chosen(story, feature_ids=[shine["id"]], budgets={"effort_days": 9}))[1] == {"Shine"}
    found = await story.optimize(budgets={"effort_days": 1})
    kinds = {each["kind"] for each in found["proposal"]["conflict"]}
    assert (found["proposal"]["status"], kinds) == ("infeasible", {"budget", "one_of"})
    wish = {"one_of": [[shine["id"], bank["id"]]], "budgets": {"effort_days": 20}}
    assert (await chosen(story, **wish))[1] == {"Card", "Shine"}
    question = {"kind": "schedule", "starts_on": FIRST, "weeks": 4}
    problem = await story.refused("POST", "/v1/optimizations", 422, json=question)
    assert problem["errors"][0]["pointer"] == "/one_of"


async def test_schedules_build_exactly_one(story: Story) -> None:
    house = await a_house(story)
    await rule(story, "one_of", house["Login"], house["Sharing"])
    proposal = (await schedule(story))["proposal"]
    assert len({house["Login"]["id"], house["Sharing"]["id"]} & set(proposal["chosen"])) == 1


async def test_must_haves_are_built_and_what_cannot_be_is_named(story: Story) -> None:
    law = await story.feature("Law", effort_days=5, is_must_have=True)
    await story.feature("Shine", value=9, effort_days=5)
    status, taken, _ = await chosen(story, budgets={"effort_days": 6})
    assert (status, taken) == ("optimal", {"Law"})
    found = await story.optimize(budgets={"effort_days": 4})
    kinds = {each["kind"] for each in found["proposal"]["conflict"]}
    assert (found["proposal"]["status"], kinds) == ("infeasible", {"budget", "must_have"})
    assert (await chosen(story, budgets={"effort_days": 5}, excluded_ids=[law["id"]]))[1] == {"Shine"}


async def test_what_is_frozen_stays_as_and_where_it_is(story: Story) -> None:
    house, roadmap = await a_house(story), await story.roadmap()
    await story.place(roadmap, house["Export"], starts_on="2027-01-11")
    path = f"/v1/features/{house['Export']['id']}"
    frozen = await story.change(house["Export"], path, is_frozen=True)
    headers = {"If-Match": frozen["etag"]}
    problem = await story.refused("PATCH", path, 409, json={"deadline": "2027-05-01"}, headers=headers)
    assert problem["code"] == "feature_frozen"
    optimization = await schedule(story, roadmap_id=roadmap["id"], weeks=9)
    assert dates(optimization["proposal"], house["Export"]) == ("2027-01-11", "2027-02-05")
    adopt = f"/v1/optimizations/{optimization['id']}/adopt"
    changes = await story.send("POST", adopt, status=200, json={"reason": "Planned with everybody"})
    assert house["Export"]["id"] not in changes["moved"]
    thawed = await story.change(frozen, path, is_frozen=False, deadline="2027-05-01")
    assert (thawed["is_frozen"], thawed["deadline"]) == (False, "2027-05-01")


async def test_values_come_from_a_named_ranking(story: Story) -> None:
    exports, logins, other = (story.neighbours.requirement(story.workspace) for _ in range(3))
    ranking = story.neighbours.ranking(story.workspace, {exports: 12.5, logins: 30.0})
    both = await story.feature("Both", requirement_ids=[exports, logins])
    none = await story.feature("None", requirement_ids=[other], value=7)
    path = "/v1/features/valuations"
    answer = await story.send("POST", path, status=200, json={"prioritization_id": ranking})
    assert answer["valued"] == [{"feature_id": both["id"], "value_before": 0, "value": 42.5}]
    valued = await story.get(f"/v1/features/{both['id']}")
    assert (valued["value"], valued["prioritization_id"], valued["etag"]) == (42.5, ranking, '"2"')
    named = {"prioritization_id": ranking, "feature_ids": [both["id"], none["id"]], "combine": "highest"}
    answer = await story.send("POST", path, status=200, json=named)
    assert ([each["value"] for each in answer["valued"]], answer["unranked"]) == ([30], [none["id"]])
    valued = await story.change(await story.get(f"/v1/features/{both['id']}"), f"/v1/features/{both['id']}", value=1)
    assert valued["prioritization_id"] is None
    problem = await story.refused("POST", path, 422, json={"prioritization_id": str(uuid4())})
    assert [each["pointer"] for each in problem["errors"]] == ["/prioritization_id"]


async def test_rules_are_kept_by_hand(story: Story) -> None:
    one, two = await story.feature("One"), await story.feature("Two")
    made = await rule(story, "exclusion", one, two)
    assert (await story.get(f"/v1/feature-rules?feature_id={one['id']}"))["items"] == [made]
    assert (await story.get("/v1/feature-rules?kind=coupling"))["items"] == []
    headers = {"If-Match": one["etag"]}
    problem = await story.refused("DELETE", f"/v1/features/{one['id']}", 409, headers=headers)
    assert problem["code"] == "still_referenced"
    path = f"/v1/feature-rules/{made['id']}"
    changed = await story.change(made, path, feature_ids=[two["id"]], reason="Only one is left.")
    assert (changed["feature_ids"], changed["etag"]) == ([two["id"]], '"2"')
    unknown = {"kind": "coupling", "feature_ids": [str(uuid4())]}
    problem = await story.refused("POST", "/v1/feature-rules", 422, json=unknown)
    assert [each["pointer"] for each in problem["errors"]] == ["/feature_ids/0"]
    await story.send("DELETE", path, status=204, headers={"If-Match": changed["etag"]})
    await story.send("DELETE", f"/v1/features/{one['id']}", status=204, headers=headers)
