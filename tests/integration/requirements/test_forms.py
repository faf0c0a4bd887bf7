"""Public forms take what they ask for, from where they may be sent, and no more than they should; and votes."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.requirements.forms.routes import A_WISH, WISHES
from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.test_customers import made
from tests.integration.requirements.test_intake import count
from tests.postgres import DatabaseAddress

PAGE = {"Origin": "https://www.example.com"}


@pytest.fixture
def visitor(caller: Caller) -> httpx.AsyncClient:
    """Somebody with nothing but the form's key."""
    return caller(scopes=frozenset({"forms:submit"}))


async def test_an_answer_becomes_feedback(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    await made(api, "/v1/contacts", {"email": "ada@example.com", "name": "Ada Lovelace"})
    questions = [*WISHES["questions"], {"name": "who", "label": "Your name", "asks": "name"}]
    form = await made(api, "/v1/forms", WISHES | {"questions": questions})
    wish = A_WISH | {"answers": A_WISH["answers"] | {"team": "small", "who": "Somebody else"}}
    sent = await visitor.post(f"/v1/forms/{form['id']}/submissions", json=wish, headers=PAGE)
    assert (sent.status_code, set(sent.json())) == (201, {"received_at"}), sent.text
    (feedback,) = (await api.get("/v1/feedback")).json()["items"]
    assert (feedback["text"], feedback["channel"], feedback["source"]) == ("Dark mode, please.", "community", "form")
    assert (feedback["metadata"], feedback["consent"]["purposes"]) == ({"team": "small"}, ["follow_up"])
    contact = (await api.get(f"/v1/contacts/{feedback['contact_id']}")).json()
    assert (contact["email"], contact["name"]) == ("ada@example.com", "Ada Lovelace")
    assert (await visitor.get(f"/v1/forms/{form['id']}")).status_code == 403


@pytest.mark.parametrize(
    ("change", "headers", "refusal"),
    [
        ({"has_consented": False}, PAGE, (422, "consent_missing")),
        ({}, {}, (403, "origin_not_allowed")),
        ({}, {"Origin": "https://elsewhere.example"}, (403, "origin_not_allowed")),
        ({"answers": {"mail": "ada@example.com"}}, PAGE, (422, "invalid")),
        ({"answers": {"wish": "x", "mail": "nobody"}}, PAGE, (422, "invalid")),
        ({"answers": {"wish": "x", "team": "huge"}}, PAGE, (422, "invalid")),
        ({"answers": {"wish": "x", "age": "7"}}, PAGE, (422, "invalid")),
    ],
)
async def test_what_a_form_does_not_take(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, change: Any, headers: Any, refusal: Any
) -> None:
    form = await made(api, "/v1/forms", WISHES)
    answer = await visitor.post(f"/v1/forms/{form['id']}/submissions", json=A_WISH | change, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == refusal
    assert (await api.get("/v1/feedback")).json()["items"] == []


async def test_machines_and_crowds_are_kept_out(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    form = await made(api, "/v1/forms", WISHES | {"max_per_minute": 3})
    path = f"/v1/forms/{form['id']}/submissions"
    machine = await visitor.post(path, json=A_WISH | {"website": "https://spam.example"}, headers=PAGE)
    assert (machine.status_code, await count(database, "feedback", workspace)) == (201, 0)
    answers = [(await visitor.post(path, json=A_WISH, headers=PAGE)) for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    await api.patch(f"/v1/forms/{form['id']}", json={"is_open": False}, headers={"If-Match": "*"})
    assert (await visitor.post(path, json=A_WISH, headers=PAGE)).json()["code"] == "form_closed"


@pytest.mark.parametrize(
    "change",
    [
        {"questions": []},
        {"questions": [{"name": "mail", "label": "Mail", "asks": "email", "is_required": True}]},
        {"questions": [*WISHES["questions"], WISHES["questions"][0]]},
        {"questions": [{"name": "wish", "label": "x", "asks": "text", "is_required": True, "choices": ["a"]}]},
        {"consent_wording": None},
        {"allowed_origins": ["https://www.example.com/path"]},
    ],
)
async def test_a_form_that_cannot_be_filled_in_is_refused(api: httpx.AsyncClient, change: dict[str, Any]) -> None:
    assert (await api.post("/v1/forms", json=WISHES | change)).status_code == 422


async def test_a_contact_votes_once(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    one, other = [(await made(api, "/v1/requirements", {"title": name}))["id"] for name in ("One", "Other")]
    vote = {"requirement_id": one, "contact": {"email": "ada@example.com"}}
    first, again = await made(api, "/v1/votes", vote), await made(api, "/v1/votes", vote)
    assert first == again
    form = await made(api, "/v1/forms", WISHES | {"votable_ids": [one]})
    path = f"/v1/forms/{form['id']}/votes"
    theirs = {"requirement_id": one, "email": "grace@example.com", "has_consented": True}
    assert (await visitor.post(path, json=theirs, headers=PAGE)).status_code == 201
    assert (await visitor.post(path, json=theirs | {"requirement_id": other}, headers=PAGE)).status_code == 422
    listed = (await api.get("/v1/votes", params={"requirement_id": one, "count": "exact"})).json()
    assert (listed["count"], {each["requirement_id"] for each in listed["items"]}) == (2, {one})
    contacts = [each["contact_id"] for each in listed["items"]]
    merge = {"subject": "contact", "kept_id": contacts[0], "merged_id": contacts[1]}
    await made(api, "/v1/customer-merges", merge)
    gone = await api.delete(f"/v1/votes/{first['id']}", headers={"If-Match": first["etag"]})
    assert gone.status_code == 204
    for wrong in ({"requirement_id": str(uuid4())}, {"theme_id": one}, {"requirement_id": one, "theme_id": one}):
        answer = await api.post("/v1/votes", json={"contact": {"email": "a@example.com"}} | wrong)
        assert answer.status_code == 422
