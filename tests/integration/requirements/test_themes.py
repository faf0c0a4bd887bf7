"""From words to themes by the real model: what belongs together is found, keeps its id, and takes in what is new."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.following import Following
from services.chassis.jobs import worker
from services.requirements.themes.meaning import Embedder
from services.requirements.themes.tasks import rebuild_kinds

EXPORT = (
    "The CSV export fails every Monday",
    "Export to CSV is broken again",
    "I cannot export my report to CSV",
    "CSV export stops half way",
    "The export of reports never finishes",
    "Exporting the report as CSV gives an error",
    "My CSV export is empty",
    "Report export fails with an error",
)
DARK = (
    "Please add a dark mode",
    "A dark theme would be easier on my eyes",
    "Dark mode, please, I work at night",
    "The white screen hurts my eyes at night",
    "When will there be a dark mode?",
    "I would love a night mode with dark colours",
    "Dark theme for the app please",
    "Too bright at night, needs a dark mode",
)
LOGIN = (
    "I cannot log in with my password",
    "Login fails after the password reset",
    "The password reset mail never arrives",
    "My password is not accepted at login",
    "I am logged out all the time and must enter my password",
    "Signing in does not work since I changed my password",
    "Cannot sign in to my account",
    "The login page says my password is wrong",
)


async def say(api: httpx.AsyncClient, *texts: str) -> list[str]:
    answers = await asyncio.gather(*(api.post("/v1/feedback", json={"text": text}) for text in texts))
    return [answer.json()["id"] for answer in answers]


async def rebuilt(api: httpx.AsyncClient) -> dict[str, Any]:
    """Asks for a rebuild and waits for its end."""
    accepted = await api.post("/v1/themes/rebuild")
    assert accepted.status_code == 202, accepted.text
    async with asyncio.timeout(120):
        while True:
            operation: dict[str, Any] = (await api.get(accepted.headers["location"])).json()
            if operation["state"] in {"succeeded", "failed", "cancelled"}:
                assert operation["state"] == "succeeded", operation
                return operation
            await asyncio.sleep(0.1)


async def themes_by_words(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Each theme under the group of texts that its members come from."""
    found = {}
    for theme in (await api.get("/v1/themes")).json()["items"]:
        members = (await api.get(f"/v1/themes/{theme['id']}/feedback?limit=200")).json()["items"]
        texts = {member["text"] for member in members}
        (group,) = [name for name, said in GROUPS.items() if texts & set(said)]
        found[group] = theme | {"texts": texts}
    return found


GROUPS = {"export": EXPORT, "dark": DARK, "login": LOGIN}


@pytest_asyncio.fixture(scope="module", autouse=True)
async def rebuilding(app: FastAPI) -> AsyncIterator[None]:
    """A worker for the operations of this room; the feeds stay with the tests, which read them when they want to."""
    context, embedder = app.state.context, Embedder()
    working = dataclasses.replace(context, settings=context.settings.model_copy(update={"role": "worker"}))
    async with embedder.running(), worker([rebuild_kinds(embedder).jobs])(working):
        yield


async def test_themes_are_found_named_kept_and_joined(
    api: httpx.AsyncClient, following: Following, workspace: UUID
) -> None:
    await say(api, *EXPORT, *DARK, *LOGIN)
    operation = await rebuilt(api)
    assert operation["result"]["themes"] == 3
    themes = await themes_by_words(api)
    assert set(themes) == set(GROUPS)
    assert all(theme["texts"] == set(GROUPS[name]) for name, theme in themes.items())
    assert "export" in themes["export"]["name"].lower()
    assert "dark" in themes["dark"]["name"].lower()
    assert themes["login"]["quote"] in LOGIN
    assert {theme["size"] for theme in themes.values()} == {8}

    (newcomer,) = await say(api, "The csv export crashed once more")
    (stranger,) = await say(api, "Your invoice has the wrong VAT number")
    await following.consumer("after_intake").catch_up()
    grown = (await api.get(f"/v1/themes/{themes['export']['id']}")).json()
    assert (grown["size"], grown["etag"]) == (9, '"2"')
    assert stranger not in str((await api.get(f"/v1/themes/{grown['id']}/feedback")).json())
    similar = (await api.get(f"/v1/feedback/{newcomer}/similar?limit=3")).json()
    assert {each["text"] for each in similar} <= set(EXPORT)

    await rebuilt(api)
    again = await themes_by_words(api)
    assert {name: theme["id"] for name, theme in again.items()} == {name: theme["id"] for name, theme in themes.items()}


async def test_a_requirement_from_a_theme_quotes_its_heart(api: httpx.AsyncClient) -> None:
    await say(api, *EXPORT, *DARK)
    await rebuilt(api)
    theme = (await themes_by_words(api))["dark"]
    made = await api.post("/v1/requirements", json={"theme_id": theme["id"], "quotes_from_theme": 4})
    assert made.status_code == 201, made.text
    requirement = made.json()
    assert (requirement["title"], requirement["evidence_count"]) == (theme["name"], 4)
    quotes = (await api.get(f"/v1/requirements/{requirement['id']}/evidence")).json()["items"]
    assert {quote["quote"] for quote in quotes} <= set(DARK)
    fragment = (await api.post("/internal/trace", json={"ids": [theme["id"]]})).json()
    kinds = [edge["kind"] for edge in fragment["edges"]]
    assert (kinds.count("belongs_to"), kinds.count("becomes")) == (8, 1)


async def test_too_little_to_say_makes_no_theme(api: httpx.AsyncClient) -> None:
    await say(api, "Only one wish")
    assert (await rebuilt(api))["result"] == {"themes": 0, "feedback": 0, "retired": 0}


async def test_corrected_words_move(api: httpx.AsyncClient, following: Following) -> None:
    ids = await say(api, *EXPORT, *DARK)
    await rebuilt(api)
    change = {"text": "Please give the app a dark mode for the night"}
    await api.patch(f"/v1/feedback/{ids[0]}", json=change, headers={"If-Match": "*"})
    await following.consumer("after_intake").catch_up()
    themes = await themes_by_words_of(api, moved=ids[0])
    assert themes == {"export": 7, "dark": 9}


async def themes_by_words_of(api: httpx.AsyncClient, *, moved: str) -> dict[str, int]:
    sizes = {}
    for theme in (await api.get("/v1/themes")).json()["items"]:
        sizes["dark" if "dark" in theme["name"].lower() else "export"] = theme["size"]
        members = (await api.get(f"/v1/themes/{theme['id']}/feedback?limit=200")).json()["items"]
        assert len(members) == theme["size"]
        assert (moved in {member["id"] for member in members}) == ("dark" in theme["name"].lower())
    return sizes
