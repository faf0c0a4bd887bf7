"""Headings that a rebuild puts above themes that are alike, as long as no person decides otherwise."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI

from tests.integration.requirements import test_themes
from tests.integration.requirements.test_themes import DARK, rebuilt, say

RESET = (
    "The password reset mail never arrives",
    "I wait for the mail to reset my password",
    "No mail comes when I reset my password",
    "The reset link for my password has expired",
    "The link in the password reset mail does not work",
    "My password reset mail went to spam",
    "Password reset mails take an hour",
    "The password reset link opens a blank page",
)
REFUSED = (
    "My password is not accepted at login",
    "The login page says my password is wrong",
    "I cannot log in with my password",
    "Login refuses my correct password",
    "The login says wrong password all the time",
    "My password worked yesterday and login fails today",
    "Logging in fails although my password is right",
    "The login does not take my new password",
)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def rebuilding(app: FastAPI) -> AsyncIterator[None]:
    async for _ in test_themes.rebuilding.__wrapped__(app):
        yield


async def themes(api: httpx.AsyncClient, **parameters: Any) -> dict[str, dict[str, Any]]:
    items = (await api.get("/v1/themes", params=parameters)).json()["items"]
    return {each["id"]: each for each in items}


async def change(api: httpx.AsyncClient, theme_id: str, **fields: Any) -> dict[str, Any]:
    answer = await api.patch(f"/v1/themes/{theme_id}", json=fields, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def test_themes_that_are_alike_stand_under_one_heading_until_a_person_decides(api: httpx.AsyncClient) -> None:
    await say(api, *RESET, *REFUSED, *DARK)
    await rebuilt(api)
    found = await themes(api)
    (heading,) = [each for each in found.values() if each["is_heading"]]
    parts = await themes(api, parent_id=heading["id"])
    assert len(parts) == 2
    assert len(found) == len(parts) + 2, "the dark mode stands alone"
    assert (heading["size"], heading["parent_id"], "password" in heading["name"].lower()) == (0, None, True)
    affected = (await api.get(f"/v1/themes/{heading['id']}/affected", params={"with_parts": True})).json()
    assert affected["feedback_count"] == len(RESET) + len(REFUSED)

    named = await change(api, heading["id"], name="Passwords")
    await rebuilt(api)
    assert set(await themes(api, parent_id=heading["id"])) == set(parts), "the same heading over the same themes"
    assert (await themes(api))[heading["id"]]["name"] == named["name"]

    first, second = parts
    assert (await change(api, first, parent_id=None))["is_parent_by_hand"] is True
    await rebuilt(api)
    after = await themes(api)
    assert after[first]["parent_id"] is after[second]["parent_id"] is None, "one alone needs no heading"
    assert heading["id"] not in after
    retired = (await api.get(f"/v1/themes/{heading['id']}")).json()
    assert retired["retired_at"] is not None


async def test_what_a_person_put_under_a_heading_keeps_it(api: httpx.AsyncClient) -> None:
    await say(api, *RESET, *REFUSED, *DARK)
    await rebuilt(api)
    found = await themes(api)
    (heading,) = [each["id"] for each in found.values() if each["is_heading"]]
    (dark,) = [each for each in found if found[each]["parent_id"] is None and each != heading]
    await change(api, dark, parent_id=heading)
    (part, _) = [each for each in found if found[each]["parent_id"] == heading]
    await change(api, part, parent_id=None)
    await rebuilt(api)
    assert set(await themes(api, parent_id=heading)) == {dark}
    assert (await themes(api))[heading]["retired_at"] is None
