"""Decisions rest on something, are never edited, and give changes their reason."""

from uuid import uuid4

from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.story import Json, Story

FEELING = {"title": "Retire the export", "rationale": "A feeling"}
OTHER_WAY = {"title": "Keep it", "why_not": "Nobody used it"}


async def decide(story: Story, **fields: object) -> Json:
    return await story.send("POST", "/v1/decisions", status=201, json=FEELING | {"alternatives": [OTHER_WAY]} | fields)


async def test_a_decision_without_grounds_is_refused(story: Story) -> None:
    problem = await story.refused("POST", "/v1/decisions", 422, json=FEELING)
    assert problem["code"] == "ungrounded_decision"


async def test_what_it_cites_must_exist_and_finds_it_again(story: Story) -> None:
    feature, requirement = await story.feature(), story.neighbours.requirement(story.workspace)
    cites = [{"kind": "feature", "id": feature["id"]}, {"kind": "requirement", "id": requirement}]
    decision = await decide(story, cites=cites)
    assert {(each["kind"], each["id"]) for each in decision["cites"]} == {
        ("feature", feature["id"]),
        ("requirement", requirement),
    }
    assert (await story.get(f"/v1/decisions?cites={requirement}"))["items"] == [decision]
    assert (await story.get(f"/v1/decisions?cites={uuid4()}"))["items"] == []
    for kind in ("feature", "outcome", "kpi", "optimization", "theme", "target", "need", "competitor"):
        unknown = FEELING | {"cites": [{"kind": kind, "id": str(uuid4())}]}
        problem = await story.refused("POST", "/v1/decisions", 422, json=unknown)
        assert [each["pointer"] for each in problem["errors"]] == ["/cites/0/id"]


async def test_it_may_cite_what_the_strategy_and_the_neighbours_know(story: Story) -> None:
    need = await story.send("POST", "/v1/needs", status=201, json={"title": "Be paid on time"})
    theme, target = story.neighbours.theme(story.workspace), story.neighbours.target(story.workspace)
    cites = [{"kind": "need", "id": need["id"]}, {"kind": "theme", "id": theme}, {"kind": "target", "id": target}]
    decision = await decide(story, cites=cites)
    assert sorted(each["kind"] for each in decision["cites"]) == ["need", "target", "theme"]
    told = await story.send("POST", "/internal/trace", status=200, json={"ids": [need["id"]]})
    assert {(edge["to"], edge["kind"]) for edge in told["edges"]} == {(decision["id"], "cited_by")}


async def test_who_thinks_again_supersedes(story: Story) -> None:
    first = await decide(story)
    second = await decide(story, title="Keep the export", supersedes_id=first["id"])
    shown = await story.get(f"/v1/decisions/{first['id']}")
    assert (shown["superseded_by_id"], second["supersedes_id"]) == (second["id"], first["id"])
    again = FEELING | {"alternatives": [OTHER_WAY], "supersedes_id": first["id"]}
    problem = await story.refused("POST", "/v1/decisions", 409, json=again)
    assert problem["code"] == "already_superseded"


async def test_a_change_may_name_a_decision_instead_of_a_reason(story: Story) -> None:
    decision, roadmap, feature = await decide(story), await story.roadmap(), await story.feature()
    item = await story.place(roadmap, feature, reason=None, decision_id=decision["id"])
    path = f"/v1/roadmaps/{roadmap['id']}/items/{feature['id']}"
    headers = {"If-Match": item["etag"]}
    await story.refused("DELETE", path, 422, headers=headers)
    await story.refused("DELETE", f"{path}?decision_id={uuid4()}", 422, headers=headers)
    await story.send("DELETE", f"{path}?decision_id={decision['id']}", status=204, headers=headers)
    changes = (await story.get(f"/v1/roadmaps/{roadmap['id']}/changes"))["items"]
    assert [(each["reason"], each["decision_id"]) for each in changes] == [(None, decision["id"])] * 2


async def test_another_workspace_sees_no_decision(story: Story, caller: Caller) -> None:
    decision = await decide(story)
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/decisions/{decision['id']}")).status_code == 404
    supersede = FEELING | {"alternatives": [OTHER_WAY], "supersedes_id": decision["id"]}
    assert (await stranger.post("/v1/decisions", json=supersede)).status_code == 422
