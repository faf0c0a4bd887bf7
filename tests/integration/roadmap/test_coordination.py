"""What teams promise one another, hand over, report and fear; and the brief that says so."""

from typing import Any
from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story
from tests.integration.roadmap.test_schedules import work

LONG_AGO, FAR = "2026-01-15", "2099-12-01"


async def team(story: Story, name: str, **fields: Any) -> Json:
    return await story.send("POST", "/v1/teams", status=201, json={"name": name, **fields})


async def commitment(story: Story, owner: Json, **fields: Any) -> Json:
    body = {"team_id": owner["id"], "title": "Check the terms", "due_on": FAR, **fields}
    return await story.send("POST", "/v1/commitments", status=201, json=body)


async def answer(story: Story, made: Json, given: str, **fields: Any) -> Json:
    path = f"/v1/commitments/{made['id']}/answers"
    return await story.send("POST", path, status=200, json={"answer": given, **fields})


async def handoff(story: Story, one: Json, other: Json, **fields: Any) -> Json:
    body = {"team_id": one["id"], "to_team_id": other["id"], "title": "Screens", "due_on": FAR, **fields}
    return await story.send("POST", "/v1/handoffs", status=201, json=body)


async def test_a_team_answers_for_itself(story: Story, feed: Any) -> None:
    law = await team(story, "Law")
    made = await commitment(story, law, for_whom="Pilot customers")
    assert (made["status"], made["answered_at"]) == ("asked", None)
    path = f"/v1/commitments/{made['id']}"
    problem = await story.refused("POST", f"{path}/answers", 409, json={"answer": "decline"})
    assert (problem["code"], "reason" in problem["detail"]) == ("answer_refused", True)
    risky = await answer(story, made, "flag_risk", reason="The lawyer is away.", expected_on="2099-12-08")
    assert (risky["status"], risky["expected_on"], risky["answered_by"]) == ("at_risk", "2099-12-08", "key:test")
    accepted = await answer(story, made, "accept")
    assert (accepted["status"], accepted["reason"]) == ("accepted", None)
    # Another day is another question.
    asked_again = await story.change(accepted, path, due_on="2099-11-01")
    assert asked_again["status"] == "asked"
    done = await answer(story, made, "complete")
    assert (done["status"], done["done_at"] is not None) == ("done", True)
    await story.refused("POST", f"{path}/answers", 409, json={"answer": "accept"})
    told = [event for event in await feed() if event["subject"] == made["id"]]
    assert [event["type"].partition(".")[2] for event in told] == ["asked", "at_risk", "accepted", "updated", "done"]
    assert "lawyer" not in str(told)


async def test_everybody_is_asked_for_their_part_once(story: Story) -> None:
    core, art = await team(story, "Core"), await team(story, "Art")
    packages = [work("code", 10, team=core), work("test", 2, team=core), work("art", 3, team=art), work("write", 1)]
    export = await story.feature("Export", work_packages=packages, deadline="2099-10-01")
    notes = await story.feature("Notes", work_packages=[work("code", 1, team=core)])
    roadmap = await story.roadmap()
    await story.place(roadmap, export, starts_on="2099-08-01", ends_on="2099-09-01")
    release = {"name": "Autumn", "feature_ids": [export["id"], notes["id"]]}
    release = await story.send("POST", "/v1/releases", status=201, json=release)
    package = {"title": "Announce it", "function": "marketing", "team_id": art["id"], "due_on": "2099-09-20"}
    await story.send("POST", f"/v1/releases/{release['id']}/work-packages", status=201, json=package)
    path, question = "/v1/commitments/requests", {"release_id": release["id"]}
    found = await story.send("POST", path, status=200, json=question)
    parts = {(each["team_id"], each["title"], each["due_on"], each["effort_days"]) for each in found["asked"]}
    assert parts == {
        (core["id"], "Export", "2099-09-01", 12),
        (art["id"], "Export", "2099-09-01", 3),
        (art["id"], "Announce it", "2099-09-20", 0),
    }
    assert (found["without_team"], found["without_day"]) == ([export["id"]], [notes["id"]])
    again = await story.send("POST", path, status=200, json=question | {"due_on": "2099-09-30"})
    assert [(each["team_id"], each["title"]) for each in again["asked"]] == [(core["id"], "Notes")]
    assert sorted(again["answered_before"]) == sorted(each["id"] for each in found["asked"])
    await story.refused("POST", path, 422, json={})
    await story.refused("POST", path, 422, json={"feature_ids": [str(uuid4())]})


async def test_a_release_waits_for_promises_in_trouble(story: Story) -> None:
    law = await team(story, "Law")
    release = await story.send("POST", "/v1/releases", status=201, json={"name": "Autumn"})
    made = await commitment(story, law, release_id=release["id"])
    path = f"/v1/releases/{release['id']}/readiness"
    assert (await story.get(path))["is_ready"]
    await answer(story, made, "decline", reason="Nobody is there.")
    blockers = (await story.get(path))["blockers"]
    assert [(each["kind"], each["id"]) for each in blockers] == [("commitment_declined", made["id"])]
    await answer(story, made, "accept")
    assert (await story.get(path))["is_ready"]


async def test_a_handoff_goes_its_way(story: Story) -> None:
    art, core = await team(story, "Art"), await team(story, "Core")
    made = await handoff(story, art, core)
    path = f"/v1/handoffs/{made['id']}/transitions"
    gone = await story.send("POST", path, status=200, json={"to": "handed_over", "at": "2026-02-01T09:00:00Z"})
    assert gone["handed_over_at"] == "2026-02-01T09:00:00Z"
    problem = await story.refused("POST", path, 409, json={"to": "planned"})
    assert "received" in problem["detail"]
    await story.refused("POST", path, 409, json={"to": "returned"})
    await story.refused("POST", path, 422, json={"to": "received", "at": FAR + "T00:00:00Z"})
    back = await story.send("POST", path, status=200, json={"to": "returned", "reason": "Texts are missing."})
    assert (back["status"], back["status_reason"]) == ("returned", "Texts are missing.")
    await story.send("POST", path, status=200, json={"to": "handed_over"})
    taken = await story.send("POST", path, status=200, json={"to": "received"})
    assert (taken["status"], taken["received_at"] is not None) == ("received", True)
    nobody = {"team_id": art["id"], "title": "Screens", "due_on": FAR}
    await story.refused("POST", "/v1/handoffs", 422, json=nobody)
    outside = await story.send("POST", "/v1/handoffs", status=201, json=nobody | {"to_whom": "The agency"})
    assert (await story.get(f"/v1/teams/{art['id']}/brief"))["owes"][0]["whom"] == [outside["to_whom"]]
    same = {"team_id": art["id"], "to_team_id": art["id"], "title": "Screens", "due_on": FAR}
    await story.refused("POST", "/v1/handoffs", 422, json=same)
    unknown = await story.refused("POST", "/v1/handoffs", 422, json=same | {"to_team_id": str(uuid4())})
    assert [each["pointer"] for each in unknown["errors"]] == ["/to_team_id"]


async def test_a_check_in_about_a_commitment_answers_it(story: Story) -> None:
    law, core = await team(story, "Law"), await team(story, "Core")
    made = await commitment(story, law)
    body = {"team_id": law["id"], "commitment_id": made["id"], "health": "on_track", "confidence": 0.9, "note": "Fine."}
    await story.send("POST", "/v1/check-ins", status=201, json=body)
    assert (await story.get(f"/v1/commitments/{made['id']}"))["status"] == "accepted"
    await story.send("POST", "/v1/check-ins", status=201, json=body | {"health": "off_track", "note": "Stuck."})
    risky = await story.get(f"/v1/commitments/{made['id']}")
    assert (risky["status"], risky["reason"]) == ("at_risk", "Stuck.")
    await story.refused("POST", "/v1/check-ins", 422, json=body | {"team_id": core["id"]})
    page = await story.get(f"/v1/check-ins?commitment_id={made['id']}")
    assert [each["health"] for each in page["items"]] == ["off_track", "on_track"]


async def test_risks_are_weighed_and_change_their_state(story: Story, feed: Any) -> None:
    feature = await story.feature()
    body = {"title": "The bank is late", "probability": 0.3, "impact_days": 20, "feature_id": feature["id"]}
    risk = await story.send("POST", "/v1/risks", status=201, json=body)
    assert (risk["exposure_days"], risk["status"]) == (6, "open")
    path = f"/v1/risks/{risk['id']}"
    risk = await story.change(risk, path, probability=0.1, status="mitigated")
    assert (await story.get(f"/v1/risks?status=mitigated&feature_id={feature['id']}"))["items"] == [risk]
    await story.refused("POST", "/v1/risks", 422, json=body | {"probability": 1.2})
    await story.refused("DELETE", f"/v1/features/{feature['id']}", 409, headers={"If-Match": feature["etag"]})
    told = [event for event in await feed() if event["subject"] == risk["id"]]
    assert [event["type"] for event in told] == ["risk.created", "risk.mitigated"]
    await story.send("DELETE", path, status=204, headers={"If-Match": risk["etag"]})


async def test_a_brief_says_what_is_owed_to_whom_by_when(story: Story) -> None:
    core, art, law = await team(story, "Core"), await team(story, "Art"), await team(story, "Law")
    login = await story.feature("Login", work_packages=[work("code", 10, team=core)], deadline="2099-02-01")
    screens = await story.feature("Screens", work_packages=[work("art", 4, team=art)], depends_on=[login["id"]])
    roadmap = await story.roadmap()
    await story.place(roadmap, login, starts_on="2099-01-01", ends_on="2099-03-01")
    await story.place(roadmap, screens, starts_on="2099-03-02", ends_on="2099-04-01")
    late = await commitment(story, core, title="Numbers", due_on=LONG_AGO, for_team_id=law["id"])
    await commitment(story, law, title="Terms", for_team_id=core["id"])
    await handoff(story, art, core, due_on="2099-05-01")
    release = await story.send("POST", "/v1/releases", status=201, json={"name": "Spring", "target_on": "2099-06-01"})
    package = {"title": "Rehearse", "function": "engineering", "team_id": core["id"], "days_before_launch": 1}
    await story.send("POST", f"/v1/releases/{release['id']}/work-packages", status=201, json=package)
    brief = await story.get(f"/v1/teams/{core['id']}/brief")
    owes = [(each["kind"], each["title"], each["due_on"], each["whom"]) for each in brief["owes"]]
    assert owes == [
        ("commitment", "Numbers", LONG_AGO, ["Law"]),
        ("feature", "Login", "2099-02-01", ["Art"]),
        ("work_package", "Rehearse", "2099-05-31", ["Release Spring"]),
    ]
    assert (brief["overdue"], brief["unanswered"], brief["owes"][0]["id"]) == (1, 1, late["id"])
    awaits = [(each["kind"], each["title"], each["whom"]) for each in brief["awaits"]]
    assert awaits == [("handoff", "Screens", ["Art"]), ("commitment", "Terms", ["Law"])]
    theirs = await story.get(f"/v1/teams/{art['id']}/brief")
    assert [(each["kind"], each["title"]) for each in theirs["awaits"]] == [("feature", "Login")]
    assert [(each["kind"], each["title"]) for each in theirs["owes"]] == [
        ("feature", "Screens"),
        ("handoff", "Screens"),
    ]


async def test_lists_filter_by_what_is_overdue(story: Story) -> None:
    law, core = await team(story, "Law"), await team(story, "Core")
    late = await commitment(story, law, due_on=LONG_AGO)
    await commitment(story, law)
    page = await story.get(f"/v1/commitments?is_overdue=true&team_id={law['id']}")
    assert [each["id"] for each in page["items"]] == [late["id"]]
    await answer(story, late, "complete")
    assert (await story.get("/v1/commitments?is_overdue=true"))["items"] == []
    waiting = await handoff(story, law, core, due_on=LONG_AGO)
    page = await story.get(f"/v1/handoffs?is_overdue=true&team_id={core['id']}")
    assert [each["id"] for each in page["items"]] == [waiting["id"]]


async def test_another_workspace_sees_no_promise(story: Story, caller: Caller) -> None:
    law = await team(story, "Law")
    made = await commitment(story, law)
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/commitments/{made['id']}")).status_code == 404
    assert (await stranger.get(f"/v1/teams/{law['id']}/brief")).status_code == 404
    given = {"answer": "accept"}
    assert (await stranger.post(f"/v1/commitments/{made['id']}/answers", json=given)).status_code == 404
    body = {"team_id": law["id"], "title": "Terms", "due_on": FAR}
    assert (await stranger.post("/v1/commitments", json=body)).status_code == 422
