"""The living roadmap: placed by hand, changed with a reason, proposed to by the solver."""

from typing import Any
from uuid import uuid4

from tests.integration.roadmap.story import Story


async def test_people_place_date_and_pin_and_say_why(story: Story) -> None:
    roadmap, feature = await story.roadmap(), await story.feature("Login")
    item = await story.place(roadmap, feature, horizon="now", starts_on="2027-01-11", is_pinned=True)
    assert (item["horizon"], item["is_pinned"], item["feature"]["title"]) == ("now", True, "Login")
    path = f"/v1/roadmaps/{roadmap['id']}/items/{feature['id']}"
    body = {"horizon": "later", "reason": "The supplier is late"}
    await story.refused("PUT", path, 428, json=body)
    await story.refused("PUT", path, 412, json=body, headers={"If-Match": '"9"'})
    moved = await story.send("PUT", path, status=200, json=body, headers={"If-Match": item["etag"]})
    assert (moved["horizon"], moved["starts_on"], moved["is_pinned"]) == ("later", None, False)
    await story.refused("DELETE", path, 422, headers={"If-Match": moved["etag"]})
    await story.send("DELETE", f"{path}?reason=Dropped", status=204, headers={"If-Match": moved["etag"]})
    changes = (await story.get(f"/v1/roadmaps/{roadmap['id']}/changes"))["items"]
    assert [(each["kind"], each["reason"]) for each in changes] == [
        ("removed", "Dropped"),
        ("changed", "The supplier is late"),
        ("placed", "Agreed in planning"),
    ]
    assert changes[1]["before"]["starts_on"] == "2027-01-11"
    assert (await story.get(f"/v1/roadmaps/{roadmap['id']}"))["etag"] == '"4"'


async def test_every_change_needs_a_reason_and_a_feature(story: Story) -> None:
    roadmap, feature = await story.roadmap(), await story.feature()
    items = f"/v1/roadmaps/{roadmap['id']}/items"
    await story.refused("PUT", f"{items}/{feature['id']}", 422, json={"horizon": "now"})
    await story.refused("PUT", f"{items}/{feature['id']}", 422, json={"horizon": "now", "reason": "  "})
    await story.refused("PUT", f"{items}/{uuid4()}", 422, json={"horizon": "now", "reason": "x"})
    await story.refused("PUT", f"/v1/roadmaps/{uuid4()}/items/{feature['id']}", 404, json={"reason": "x"})


async def test_a_placed_feature_cannot_be_removed(story: Story) -> None:
    roadmap, feature = await story.roadmap(), await story.feature()
    await story.place(roadmap, feature)
    await story.refused("DELETE", f"/v1/features/{feature['id']}", 409, headers={"If-Match": feature["etag"]})
    fresh = await story.get(f"/v1/roadmaps/{roadmap['id']}")
    await story.send("DELETE", f"/v1/roadmaps/{roadmap['id']}", status=204, headers={"If-Match": fresh["etag"]})
    await story.send("DELETE", f"/v1/features/{feature['id']}", status=204, headers={"If-Match": feature["etag"]})


async def a_team_with_a_choice(story: Story) -> dict[str, Any]:
    """Under ten days: Login (needed by Sharing) and Sharing are worth 9; Export alone 7; Legacy nothing."""
    login = await story.feature("Login", effort_days=4, value=1)
    sharing = await story.feature("Sharing", effort_days=6, value=8, depends_on=[login["id"]])
    export = await story.feature("Export", effort_days=7.5, value=7)
    legacy = await story.feature("Legacy", effort_days=1)
    return {each["title"]: each for each in (login, sharing, export, legacy)}


async def test_a_proposal_is_proved_explained_and_never_changes(story: Story) -> None:
    team = await a_team_with_a_choice(story)
    optimization = await story.optimize(budgets={"effort_days": 10})
    proposal = optimization["proposal"]
    assert (optimization["state"], proposal["status"], proposal["objective"], proposal["bound"]) == (
        "succeeded",
        "optimal",
        9,
        9,
    )
    assert set(proposal["chosen"]) == {team["Login"]["id"], team["Sharing"]["id"]}
    assert (proposal["gap"], proposal["used"]) == (0, {"effort_days": 10})
    reasons = {why["feature_id"]: why for why in proposal["not_chosen"]}
    export = reasons[team["Export"]["id"]]
    assert (export["reason"], export["blockers"], export["shortfall"]) == (
        "over_budget",
        ["effort_days"],
        {"effort_days": 7.5},
    )
    assert (export["value_added"], export["value_given_up"]) == (7, 2)
    assert reasons[team["Legacy"]["id"]]["explanation"].startswith("The budget does not reach")
    await story.change(team["Export"], f"/v1/features/{team['Export']['id']}", value=100)
    assert await story.get(f"/v1/optimizations/{optimization['id']}") == optimization


async def test_adopting_respects_pins_and_keeps_the_reason(story: Story) -> None:
    team, roadmap = await a_team_with_a_choice(story), await story.roadmap()
    await story.place(roadmap, team["Export"], horizon="now")
    await story.place(roadmap, team["Legacy"], horizon="now", is_pinned=True)
    optimization = await story.optimize(roadmap_id=roadmap["id"], budgets={"effort_days": 11})
    assert team["Legacy"]["id"] in optimization["proposal"]["chosen"]
    path = f"/v1/optimizations/{optimization['id']}/adopt"
    await story.refused("POST", path, 422, json={})
    adopted = await story.send("POST", path, status=200, json={"reason": "Planning of January"})
    assert set(adopted["placed"]) == {team["Login"]["id"], team["Sharing"]["id"]}
    assert (adopted["moved"], adopted["removed"], adopted["skipped"]) == ([team["Export"]["id"]], [], [])
    items = await story.items(roadmap)
    assert {title: item["horizon"] for title, item in items.items()} == {
        "Login": "next",
        "Sharing": "next",
        "Export": "later",
        "Legacy": "now",
    }
    assert items["Login"]["optimization_id"] == optimization["id"]
    changes = (await story.get(f"/v1/roadmaps/{roadmap['id']}/changes"))["items"]
    assert {each["reason"] for each in changes if each["optimization_id"]} == {"Planning of January"}
    shown = await story.get(f"/v1/optimizations/{optimization['id']}")
    assert [each["reason"] for each in shown["adoptions"]] == ["Planning of January"]
    again = await story.send("POST", path, status=200, json={"reason": "Once more"})
    assert again["placed"] == again["moved"] == []


async def test_what_shipped_counts_as_built_and_what_was_dropped_blocks(story: Story) -> None:
    team = await a_team_with_a_choice(story)
    await story.transition(team["Login"], "shipped")
    proposal = (await story.optimize(budgets={"effort_days": 6}))["proposal"]
    assert proposal["chosen"] == [team["Sharing"]["id"]]
    other = await story.feature("Billing", value=1)
    invoice = await story.feature("Invoices", value=50, depends_on=[other["id"]])
    await story.transition(other, "dropped", reason="Bought instead")
    proposal = (await story.optimize(budgets={"effort_days": 6}))["proposal"]
    reasons = {why["feature_id"]: why for why in proposal["not_chosen"]}
    assert (reasons[invoice["id"]]["reason"], reasons[invoice["id"]]["blockers"]) == ("needs_pinned_out", [other["id"]])


async def test_rules_that_cannot_hold_together_are_named(story: Story) -> None:
    team = await a_team_with_a_choice(story)
    question = {"budgets": {"effort_days": 5}, "must_have_ids": [team["Sharing"]["id"]]}
    optimization = await story.optimize(**question)
    assert optimization["proposal"]["status"] == "infeasible"
    kinds = {rule["kind"] for rule in optimization["proposal"]["conflict"]}
    assert kinds == {"budget", "must_have"}
    path = f"/v1/optimizations/{optimization['id']}/adopt"
    problem = await story.refused("POST", path, 409, json={"reason": "Anyway", "roadmap_id": str(uuid4())})
    assert problem["code"] == "nothing_to_adopt"


async def test_a_question_that_makes_no_sense_is_refused(story: Story) -> None:
    feature = await story.feature(cost={"amount_minor": 5, "currency": "USD"})
    path = "/v1/optimizations"
    await story.refused("POST", path, 422, json={"roadmap_id": str(uuid4())})
    await story.refused("POST", path, 422, json={"must_have_ids": [str(uuid4())]})
    problem = await story.refused(
        "POST", path, 422, json={"budgets": {"cost": {"amount_minor": 10, "currency": "EUR"}}}
    )
    assert "USD" in problem["errors"][0]["detail"]
    wish = {"name": "Acme", "weight": 1, "feature_ids": [feature["id"]]}
    await story.refused("POST", path, 422, json={"customers": [wish, wish]})
