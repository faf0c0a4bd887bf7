"""Themes as people shape them: merged, split and grouped, through rebuilds; and whom they concern, to the cent."""

import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from services.chassis.following import Following
from services.requirements.domain.theme_families import parents_after
from tests.integration.requirements import test_themes
from tests.integration.requirements.test_themes import DARK, EXPORT, LOGIN, rebuilt, say, themes_by_words


@pytest_asyncio.fixture(scope="module", autouse=True)
async def rebuilding(app: FastAPI) -> AsyncIterator[None]:
    async for _ in test_themes.rebuilding.__wrapped__(app):
        yield


async def sizes(api: httpx.AsyncClient, **parameters: Any) -> dict[str, int]:
    items = (await api.get("/v1/themes", params=parameters)).json()["items"]
    return {each["id"]: each["size"] for each in items}


async def merge(api: httpx.AsyncClient, kept: str, merged: str) -> dict[str, Any]:
    answer = await api.post("/v1/theme-merges", json={"kept_id": kept, "merged_id": merged})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def state(app: FastAPI, workspace: UUID) -> list[tuple[Any, ...]]:
    """Every theme and every member, without the marks of when they were written."""
    queries = (
        "SELECT to_jsonb(theme) - 'version' - 'updated_at' FROM theme WHERE workspace_id = :id ORDER BY id",
        "SELECT to_jsonb(theme_member) FROM theme_member WHERE workspace_id = :id ORDER BY feedback_id",
    )
    async with app.state.context.database.session(workspace_id=workspace, read_only=True) as session:
        return [tuple((await session.scalars(text(query), {"id": workspace})).all()) for query in queries]


async def test_a_merge_holds_through_rebuilds_and_can_be_undone(
    api: httpx.AsyncClient, app: FastAPI, following: Following, workspace: UUID
) -> None:
    await say(api, *EXPORT, *DARK, *LOGIN)
    await rebuilt(api)
    themes = {name: theme["id"] for name, theme in (await themes_by_words(api)).items()}
    before = await state(app, workspace)
    made = await merge(api, themes["export"], themes["login"])
    assert await sizes(api) == {themes["export"]: 16, themes["dark"]: 8}
    shown = (await api.get(f"/v1/themes/{themes['login']}")).json()
    assert (shown["merged_into_id"], shown["size"], shown["retired_at"]) == (themes["export"], 0, None)
    undone = (await api.post(f"/v1/theme-merges/{made['id']}/undo")).json()
    assert undone["undone_at"] is not None
    assert await state(app, workspace) == before
    again = await api.post(f"/v1/theme-merges/{made['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "theme_merge_undone")

    made = await merge(api, themes["export"], themes["login"])
    requirement = (await api.post("/v1/requirements", json={"theme_id": themes["login"]})).json()
    assert requirement["evidence_count"] > 0
    found = (await api.get("/v1/requirements", params={"theme_id": themes["export"]})).json()["items"]
    assert [each["id"] for each in found] == [requirement["id"]]
    await rebuilt(api)
    assert await sizes(api) == {themes["export"]: 16, themes["dark"]: 8}
    await say(api, "My password is refused when I log in")
    await following.consumer("after_intake").catch_up()
    assert await sizes(api) == {themes["export"]: 17, themes["dark"]: 8}
    await api.post(f"/v1/theme-merges/{made['id']}/undo")
    assert await sizes(api) == {themes["export"]: 8, themes["dark"]: 8, themes["login"]: 9}
    listed = (await api.get("/v1/theme-merges", params={"theme_id": themes["login"]})).json()["items"]
    assert len(listed) == 2


async def test_merges_that_cannot_be(api: httpx.AsyncClient) -> None:
    ids = [(await api.post("/v1/themes", json={"name": name})).json()["id"] for name in "abc"]
    first = await merge(api, ids[0], ids[1])
    for pair in ((ids[1], ids[2]), (ids[2], ids[1])):
        answer = await api.post("/v1/theme-merges", json=dict(zip(("kept_id", "merged_id"), pair, strict=True)))
        assert (answer.status_code, answer.json()["code"]) == (409, "theme_merged_already")
    await merge(api, ids[2], ids[0])
    early = await api.post(f"/v1/theme-merges/{first['id']}/undo")
    assert (early.status_code, early.json()["code"]) == (409, "theme_merged_already")
    unknown = await api.post("/v1/theme-merges", json={"kept_id": ids[0], "merged_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/merged_id")


@pytest.mark.parametrize("seed", range(4))
async def test_undone_in_turn_everything_is_as_it_was(
    api: httpx.AsyncClient, app: FastAPI, workspace: UUID, seed: int
) -> None:
    """Groups and their parts, merged at random and parted in the opposite order."""
    chance = random.Random(seed)
    themes = [(await api.post("/v1/themes", json={"name": f"Group {number}"})).json()["id"] for number in range(8)]
    for part in themes[4:]:
        above = {"parent_id": chance.choice(themes[:4])}
        await api.patch(f"/v1/themes/{part}", json=above, headers={"If-Match": "*"})
    states, merges = [await state(app, workspace)], []
    for _ in range(6):
        kept, merged = chance.sample(list(await sizes(api)), 2)
        merges.append(await merge(api, kept, merged))
        states.append(await state(app, workspace))
        floors = {row["id"]: row["parent_id"] for row in states[-1][0] if row["merged_into_id"] is None}
        assert all(floors.get(parent) is None for parent in floors.values() if parent is not None)
    for made in reversed(merges):
        assert await state(app, workspace) == states.pop()
        assert (await api.post(f"/v1/theme-merges/{made['id']}/undo")).status_code == 200
    assert await state(app, workspace) == states.pop()


def test_children_follow_to_the_same_floor() -> None:
    child, kept, merged, above = (uuid4() for _ in range(4))
    assert parents_after([child], kept=kept, kept_parent=None, merged=merged) == {child: kept}
    assert parents_after([child], kept=kept, kept_parent=above, merged=merged) == {child: above}
    assert parents_after([child, kept], kept=kept, kept_parent=merged, merged=merged) == {child: kept, kept: None}


async def test_a_split_stays_and_draws_what_is_nearer_to_it(
    api: httpx.AsyncClient, app: FastAPI, following: Following, workspace: UUID
) -> None:
    ids = await say(api, *EXPORT, *DARK, *LOGIN)
    await rebuilt(api)
    whole = (await themes_by_words(api))["login"]
    odd = [ids[len(EXPORT) + len(DARK) + place] for place in (1, 2)]
    answer = await api.post(
        f"/v1/themes/{whole['id']}/split", json={"name": "The reset of passwords", "feedback_ids": odd}
    )
    assert answer.status_code == 201, answer.text
    part = answer.json()
    assert answer.headers["location"].endswith(f"/v1/themes/{part['id']}")
    assert (part["is_by_hand"], part["split_from_id"]) == (True, whole["id"])
    assert part["size"] >= 2
    after_split = await sizes(api)
    assert sum(after_split.values()) == 24

    await rebuilt(api)
    assert await sizes(api) == after_split, "the rebuild finds what the person made"
    kept = (await api.get(f"/v1/themes/{part['id']}")).json()
    assert (kept["name"], kept["retired_at"]) == ("The reset of passwords", None)
    assert kept["words"]
    (newcomer,) = await say(api, "The mail for the password reset does not arrive")
    await following.consumer("after_intake").catch_up()
    members = (await api.get(f"/v1/themes/{part['id']}/feedback")).json()["items"]
    assert {newcomer, *odd} <= {each["id"] for each in members}

    stranger = await api.post(f"/v1/themes/{whole['id']}/split", json={"name": "x", "feedback_ids": [ids[0]]})
    assert (stranger.status_code, stranger.json()["errors"][0]["pointer"]) == (422, "/feedback_ids/0")
    everything = [each["id"] for each in (await api.get(f"/v1/themes/{whole['id']}/feedback")).json()["items"]]
    nothing_left = await api.post(f"/v1/themes/{whole['id']}/split", json={"name": "x", "feedback_ids": everything})
    assert nothing_left.json()["errors"][0]["code"] == "all"

    await merge(api, whole["id"], part["id"])
    await rebuilt(api)
    assert (await sizes(api))[whole["id"]] == 9


async def test_parents_survive_rebuilds(api: httpx.AsyncClient) -> None:
    await say(api, *EXPORT, *DARK)
    await rebuilt(api)
    themes = {name: theme["id"] for name, theme in (await themes_by_words(api)).items()}
    group = (await api.post("/v1/themes", json={"name": "How it looks"})).json()

    async def put_under(theme: str, parent: str | None) -> httpx.Response:
        return await api.patch(f"/v1/themes/{theme}", json={"parent_id": parent}, headers={"If-Match": "*"})

    assert (await put_under(themes["dark"], group["id"])).status_code == 200
    await rebuilt(api)
    assert list(await sizes(api, parent_id=group["id"])) == [themes["dark"]]
    assert group["id"] in await sizes(api)
    faults = [
        (themes["export"], themes["dark"]),
        (group["id"], themes["export"]),
        (themes["export"], themes["export"]),
        (themes["export"], str(uuid4())),
    ]
    for theme, parent in faults:
        refused = await put_under(theme, parent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/parent_id")
    whole = (await api.get(f"/v1/themes/{group['id']}/affected", params={"with_parts": True})).json()
    assert whole["feedback_count"] == len(DARK)
    assert (await api.get(f"/v1/themes/{group['id']}/affected")).json()["feedback_count"] == 0
    assert (await put_under(themes["dark"], None)).json()["parent_id"] is None


async def test_whom_a_theme_concerns_is_counted_to_the_cent(
    api: httpx.AsyncClient, app: FastAPI, following: Following
) -> None:
    async def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await api.post(path, json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    paid = {"one.example": (100_01, "EUR"), "two.example": (50_00, "EUR"), "three.example": (70_00, "USD")}
    for domain, (amount, currency) in paid.items():
        company = await made("/v1/companies", {"name": domain, "domain": domain})
        revenue = {"annual": {"amount_minor": amount, "currency": currency}, "valid_from": "2020-01-01"}
        await made(f"/v1/companies/{company['id']}/revenues", revenue)
    segment = await made("/v1/segments", {"name": "Pays euros", "rule": "company.revenue > 0 EUR"})
    domains = ["one.example", "one.example", "two.example", "three.example", None, None, None, None]
    for said, domain in zip(DARK, domains, strict=True):
        await made("/v1/feedback", {"text": said} | ({"company": {"domain": domain}} if domain else {}))
    await say(api, *EXPORT)
    await rebuilt(api)
    theme = (await themes_by_words(api))["dark"]
    fresh = (await api.get(f"/v1/themes/{theme['id']}/affected")).json()
    assert (fresh["feedback_count"], fresh["unsettled_count"], fresh["revenue"]) == (8, 8, [])
    await following.consumer("standings").catch_up()
    affected = (await api.get(f"/v1/themes/{theme['id']}/affected")).json()
    assert affected["revenue"] == [
        {"currency": "EUR", "amount_minor": 150_01, "company_count": 2},
        {"currency": "USD", "amount_minor": 70_00, "company_count": 1},
    ]
    assert [
        (each["segment_id"], each["name"], each["feedback_count"], each["company_count"])
        for each in affected["segments"]
    ] == [(segment["id"], "Pays euros", 3, 2)]
    assert (affected["company_count"], affected["nameless_count"], affected["unsettled_count"]) == (3, 4, 0)


async def test_what_is_in_quarantine_is_left_out_unless_asked_for(api: httpx.AsyncClient, following: Following) -> None:
    spam, *_ = await say(api, *DARK, *EXPORT)
    await following.consumer("after_intake").catch_up()
    await rebuilt(api)
    theme = (await themes_by_words(api))["dark"]
    token = (await api.get("/v1/feedback", params={"limit": 200})).json()["sync_token"]
    assert (await api.post(f"/v1/feedback-labels/{spam}/quarantine")).status_code == 200
    await following.consumer("after_intake").catch_up()

    async def listed(path: str, **parameters: Any) -> set[str]:
        return {each["id"] for each in (await api.get(path, params=parameters)).json()["items"]}

    assert spam not in await listed("/v1/feedback", limit=200)
    assert await listed("/v1/feedback", quarantined=True) == {spam}
    assert spam not in await listed(f"/v1/themes/{theme['id']}/feedback")
    assert (await api.get(f"/v1/themes/{theme['id']}")).json()["size"] == 7
    affected = (await api.get(f"/v1/themes/{theme['id']}/affected")).json()
    assert affected["feedback_count"] == 7
    changes = (await api.get("/v1/feedback", params={"sync_token": token, "limit": 200})).json()
    assert [each["id"] for each in changes["deleted"]] == [spam]
    await api.post(f"/v1/feedback-labels/{spam}/release")
    back = (await api.get("/v1/feedback", params={"sync_token": changes["sync_token"]})).json()
    assert [each["id"] for each in back["items"]] == [spam]


async def test_who_is_erased_is_put_nowhere_any_more(api: httpx.AsyncClient, app: FastAPI, workspace: UUID) -> None:
    """A part that somebody's words were put into by hand has no centre of theirs afterwards."""
    contact = (await api.post("/v1/contacts", json={"email": "grace@example.com"})).json()
    said = await api.post("/v1/feedback", json={"text": "Words", "contact": {"email": "grace@example.com"}})
    part = (await api.post("/v1/themes", json={"name": "Made by hand"})).json()
    vector = f"[{','.join(['1'] * 384)}]"
    parameters = {"id": workspace, "theme": part["id"], "feedback": said.json()["id"], "vector": vector}
    database = app.state.context.database
    async with database.transaction(workspace_id=workspace) as session:
        pin = "INSERT INTO theme_pin (workspace_id, feedback_id, theme_id) VALUES (:id, :feedback, :theme)"
        await session.execute(text(pin), parameters)
        centre = "UPDATE theme SET centre = CAST(:vector AS halfvec) WHERE workspace_id = :id AND id = :theme"
        await session.execute(text(centre), parameters)
    subject = (await api.get(f"/internal/personal-data/subjects/{contact['id']}")).json()
    erased = await api.post("/internal/personal-data/erase", json=subject)
    assert erased.status_code == 200, erased.text
    async with database.session(workspace_id=workspace, read_only=True) as session:
        assert await session.scalar(text("SELECT count(*) FROM theme_pin")) == 0
        assert await session.scalar(text("SELECT count(*) FROM theme WHERE centre IS NOT NULL")) == 0
