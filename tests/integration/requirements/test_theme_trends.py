"""Themes keep the names that people give, tell how they develop, and are found anew when too much has none."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from services.chassis.following import Following
from services.requirements.themes import service
from tests.integration.requirements import test_themes
from tests.integration.requirements.test_themes import DARK, EXPORT, LOGIN, rebuilt, themes_by_words

rebuilding = test_themes.rebuilding


async def test_a_name_by_hand_outlives_rebuilds(api: httpx.AsyncClient) -> None:
    await test_themes.say(api, *EXPORT, *DARK, *LOGIN)
    await rebuilt(api)
    theme = (await themes_by_words(api))["dark"]
    path = f"/v1/themes/{theme['id']}"
    named = await api.patch(path, json={"name": "Work at night"}, headers={"If-Match": theme["etag"]})
    assert (named.status_code, named.json()["is_named_by_hand"]) == (200, True)
    assert (await api.patch(path, json={"name": "x"}, headers={"If-Match": theme["etag"]})).status_code == 412
    await rebuilt(api)
    assert (await api.get(path)).json()["name"] == "Work at night"
    back = (await api.patch(path, json={"name": None}, headers={"If-Match": "*"})).json()
    assert (back["name"], back["is_named_by_hand"]) == (theme["name"], False)


async def test_a_trend_counts_whole_weeks(api: httpx.AsyncClient, app: FastAPI, following: Following) -> None:
    now: datetime = app.state.context.clock.now()
    for place, words in enumerate(DARK):
        said = {"text": words, "occurred_at": (now - timedelta(days=7 * (1 + place % 2))).isoformat()}
        await api.post("/v1/feedback", json=said)
    await following.consumer("after_intake").catch_up()
    await test_themes.say(api, *EXPORT)
    await rebuilt(api)
    theme = (await themes_by_words(api))["dark"]
    trend: dict[str, Any] = (await api.get(f"/v1/themes/{theme['id']}/trend", params={"weeks": 8})).json()
    assert [each["count"] for each in trend["weeks"]] == [0] * 6 + [4, 4]
    assert (trend["growth"]["recent"], trend["growth"]["before"]) == (8, 0)
    assert trend["growth"]["ratio"] == 17
    assert sum(trend["sentiment"].values()) == sum(trend["kinds"].values()) == 8
    assert trend["kinds"]["request"] > 2
    assert (await api.get(f"/v1/themes/{theme['id']}/trend", params={"weeks": 7})).status_code == 422


async def test_too_much_without_a_theme_asks_for_a_rebuild(
    api: httpx.AsyncClient, app: FastAPI, following: Following, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked_for() -> int:
        async with app.state.context.database.session(workspace_id=workspace) as session:
            return int(await session.scalar(text("SELECT count(*) FROM operation WHERE kind = 'themes.rebuild'")))

    monkeypatch.setattr(service, "ENOUGH", 16)
    await test_themes.say(api, *EXPORT[:4])
    await following.consumer("after_intake").catch_up()
    assert await asked_for() == 0
    await test_themes.say(api, *EXPORT[4:], *DARK)
    await following.consumer("after_intake").catch_up()
    await test_themes.say(api, *LOGIN)
    await following.consumer("after_intake").catch_up()
    assert await asked_for() == 1, "once, however often it is looked at"
