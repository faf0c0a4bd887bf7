"""A workspace's own words: validated, looked at before, said from then on, and taken back."""

from typing import Any

import httpx
import pytest

from services.requirements.followup_templates.routes import OWN_WORDS

PATH = "/v1/follow-up-templates"


async def preview(api: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
    answer = await api.post(f"{PATH}/preview", json={"event": "shipped", **wanted})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_own_words_are_in_force_until_they_are_taken_back(api: httpx.AsyncClient) -> None:
    brought = await preview(api, title="Exports")
    assert (brought["is_default"], brought["subject"]) == (True, "You asked, and it is here: Exports")
    made = await api.post(PATH, json=OWN_WORDS)
    assert made.status_code == 201, made.text
    own = await preview(api, title="Exports", quote="It stops")
    assert (own["is_default"], own["subject"]) == (False, "Done: Exports")
    assert "> It stops\n" in own["body"]
    assert (await api.post(PATH, json=OWN_WORDS)).status_code == 409
    tried = await preview(api, subject="Hello: {title}", title="Exports")
    assert tried["subject"] == "Hello: Exports"
    assert (await preview(api, title="Exports"))["subject"] == "Done: Exports", "a preview keeps nothing"

    address, etag = made.headers["location"], made.json()["etag"]
    changed = await api.patch(address, json={"subject": "It is there: {title}"}, headers={"If-Match": etag})
    assert (await preview(api, title="x"))["subject"] == "It is there: x"
    assert (await api.get(PATH, params={"event": "shipped"})).json()["items"] == [changed.json()]
    assert (await api.delete(address, headers={"If-Match": changed.json()["etag"]})).status_code == 204
    assert await preview(api, title="Exports") == brought


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"subject": "{password}"}, "/subject"),
        ({"body": "{quote.__class__.__mro__}"}, "/body"),
        ({"body": "{quote"}, "/body"),
        ({"subject": "Two\nlines"}, "/subject"),
        ({"event": "born"}, "/event"),
    ],
)
async def test_what_cannot_be_filled_is_refused(api: httpx.AsyncClient, change: dict[str, Any], pointer: str) -> None:
    answer = await api.post(PATH, json=OWN_WORDS | change)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
