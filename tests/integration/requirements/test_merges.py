"""Two that are one, and two again: merging moves everything that points, undoing restores it exactly."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.requirements.domain.merging import given_back, recorded, taken_over, with_fields
from services.requirements.merges.repository import PLACES
from services.requirements.models import Base
from tests.integration.requirements.conftest import Caller
from tests.integration.requirements.test_customers import GRACE, made
from tests.postgres import DatabaseAddress

TABLES = ("contact", "company", "feedback", "company_revenue", "contact_alias", "company_alias")
LIFE = ("version", "updated_at")


async def state_of(database: DatabaseAddress, workspace: UUID) -> dict[str, list[str]]:
    """Every byte of the tables that a merge may touch, but for versions and times of change."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return {
            table: [
                row[0]
                for row in await connection.fetch(
                    f"SELECT (to_jsonb(row) - $2::text[])::text FROM {table} AS row WHERE workspace_id = $1 "
                    f"ORDER BY (to_jsonb(row) - $2::text[])::text",
                    workspace,
                    list(LIFE),
                )
            ]
            for table in TABLES
        }
    finally:
        await connection.close()


async def merge(api: httpx.AsyncClient, subject: str, kept: str, merged: str) -> httpx.Response:
    return await api.post("/v1/customer-merges", json={"subject": subject, "kept_id": kept, "merged_id": merged})


async def undo(api: httpx.AsyncClient, merge_id: str) -> httpx.Response:
    return await api.post(f"/v1/customer-merges/{merge_id}/undo")


def test_every_column_that_points_at_a_customer_is_moved() -> None:
    """A new table that names a contact or a company must say what a merge does to it."""
    keeps_its_own = {
        "contact_alias.contact_id": "a merged contact keeps its names, which lead to the kept one",
        "company_alias.company_id": "a merged company keeps its names, which lead to the kept one",
    }
    for subject, places in PLACES.items():
        pointing = {
            f"{table.name}.{key.column_keys[-1]}"
            for table in Base.metadata.sorted_tables
            for key in table.foreign_key_constraints
            if key.referred_table.name == subject
        }
        assert pointing - keeps_its_own.keys() == {f"{table}.{column}" for table, column in places}


async def test_what_points_at_one_points_at_the_other(api: httpx.AsyncClient) -> None:
    kept = await made(api, "/v1/contacts", {"email": "ada@example.com"})
    merged = await made(api, "/v1/contacts", GRACE | {"metadata": {"team": "navy"}})
    words = await made(api, "/v1/feedback", {"text": "x", "contact": {"email": GRACE["email"]}})
    noted = await made(api, "/v1/feedback", {"text": "y", "author": {"email": GRACE["email"]}})
    answer = await merge(api, "contact", kept["id"], merged["id"])
    assert answer.status_code == 201, answer.text
    assert answer.json()["moved"] == {"feedback.contact_id": 1, "feedback.author_id": 1}
    assert answer.json()["taken"] == ["metadata.team", "name"]
    assert (await api.get(f"/v1/feedback/{words['id']}")).json()["contact_id"] == kept["id"]
    assert (await api.get(f"/v1/feedback/{noted['id']}")).json()["author_id"] == kept["id"]
    read = (await api.get(f"/v1/contacts/{kept['id']}")).json()
    assert (read["name"], read["metadata"]) == ("Grace Hopper", {"team": "navy"})
    listed = (await api.get("/v1/contacts")).json()["items"]
    assert [each["id"] for each in listed] == [kept["id"]]
    later = await made(api, "/v1/feedback", {"text": "z", "contact": {"email": GRACE["email"]}})
    assert later["contact_id"] == kept["id"]
    by_id = await made(api, "/v1/feedback", {"text": "z", "source": "crm", "contact": {"external_id": "person-9"}})
    assert by_id["contact_id"] == kept["id"]
    stone = (await api.get(f"/v1/contacts/{merged['id']}")).json()
    assert (stone["merged_into_id"], stone["email"]) == (kept["id"], GRACE["email"])
    refused = await api.patch(f"/v1/contacts/{merged['id']}", json={"name": "x"}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "merged_away")


async def test_what_a_person_changed_since_is_not_taken_back(api: httpx.AsyncClient) -> None:
    kept = await made(api, "/v1/contacts", {"email": "ada@example.com"})
    merged = await made(api, "/v1/contacts", GRACE)
    merge_id = (await merge(api, "contact", kept["id"], merged["id"])).json()["id"]
    await api.patch(f"/v1/contacts/{kept['id']}", json={"name": "Ada"}, headers={"If-Match": "*"})
    undone = await undo(api, merge_id)
    assert undone.status_code == 200, undone.text
    assert undone.json()["undone_at"] is not None
    assert (await api.get(f"/v1/contacts/{kept['id']}")).json()["name"] == "Ada"
    assert (await undo(api, merge_id)).json()["code"] == "undone_already"


async def test_only_two_that_stand_can_be_merged(api: httpx.AsyncClient, caller: Caller) -> None:
    a, b, c = [(await made(api, "/v1/contacts", {"email": f"{name}@example.com"}))["id"] for name in "abc"]
    first = (await merge(api, "contact", b, a)).json()
    again = await merge(api, "contact", c, a)
    assert (again.status_code, again.json()["code"]) == (409, "merged_already")
    second = (await merge(api, "contact", c, b)).json()
    held = await undo(api, first["id"])
    assert (held.status_code, held.json()["code"]) == (409, "merged_already")
    assert (await api.get(f"/v1/contacts/{a}")).json()["merged_into_id"] == c
    assert (await undo(api, second["id"])).status_code == 200
    assert (await undo(api, first["id"])).status_code == 200
    assert (await merge(api, "contact", a, a)).status_code == 422
    assert (await merge(api, "contact", a, str(uuid4()))).json()["errors"][0]["pointer"] == "/merged_id"
    assert (await merge(caller(workspace_id=uuid4()), "contact", a, b)).status_code == 422
    listed = (await api.get("/v1/customer-merges", params={"customer_id": a})).json()["items"]
    assert [each["id"] for each in listed] == [first["id"]]


STEPS = st.lists(st.tuples(st.sampled_from(["contact", "company"]), st.integers(0, 4), st.integers(0, 4)), max_size=7)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, seed=st.randoms(use_true_random=False))
async def test_undoing_every_merge_restores_every_byte(
    steps: list[tuple[str, int, int]], seed: Any, caller: Caller, database: DatabaseAddress
) -> None:
    """Whatever was merged into whatever, and in whichever possible order it is undone."""
    workspace = uuid4()
    api = caller(workspace_id=workspace)
    ids: dict[str, list[str]] = {"contact": [], "company": []}
    for number in range(5):
        company = {"domain": f"c{number}.example", "other_domains": [f"d{number}.example"]}
        company |= {"metadata": {f"k{number % 2}": str(number)}} | ({"name": f"C{number}"} if number % 2 else {})
        ids["company"].append((await made(api, "/v1/companies", company))["id"])
        revenue = {"annual": {"amount_minor": number, "currency": "EUR"}, "valid_from": "2026-01-01"}
        await made(api, f"/v1/companies/{ids['company'][-1]}/revenues", revenue)
        contact: dict[str, Any] = {"email": f"p{number}@example.com"} | ({"name": f"P{number}"} if number % 3 else {})
        contact |= {"company_id": ids["company"][-1]} if number % 2 else {}
        ids["contact"].append((await made(api, "/v1/contacts", contact))["id"])
    for number in range(5):
        named = {"contact": {"email": f"p{number}@example.com"}, "company": {"domain": f"d{number}.example"}}
        author = {"author": {"email": f"p{(number + 1) % 5}@example.com"}} if number < 4 and number % 2 else {}
        await made(api, "/v1/feedback", {"text": f"t{number}", **named, **author})
    before = await state_of(database, workspace)
    merges = []
    for subject, kept, merged in steps:
        answer = await merge(api, subject, ids[subject][kept], ids[subject][merged])
        if answer.status_code == 201:
            merges.append(answer.json()["id"])
    assert (await state_of(database, workspace) == before) == (not merges)
    while merges:
        merge_id = seed.choice(merges)
        if (await undo(api, merge_id)).status_code == 200:
            merges.remove(merge_id)
    assert await state_of(database, workspace) == before


VALUES = st.one_of(st.none(), st.sampled_from(["a", "b"]))
ROWS = st.fixed_dictionaries(
    {"name": VALUES, "company_id": VALUES, "metadata": st.dictionaries(st.sampled_from("xyz"), st.sampled_from("ab"))}
)


@given(kept=ROWS, merged=ROWS)
def test_what_is_taken_is_given_back(kept: dict[str, Any], merged: dict[str, Any]) -> None:
    taken = taken_over(kept, merged)
    after = with_fields(kept, taken)
    assert all(after[name] == value for name, value in kept.items() if name != "metadata" and value is not None)
    back = given_back(after, merged, recorded(taken), moved={})
    assert with_fields(after, dict.fromkeys(back)) == kept


@pytest.mark.parametrize(("moved", "is_given_back"), [({}, False), ({"x": "y"}, True)])
def test_a_company_that_moved_meanwhile_is_known_again(moved: dict[str, str], is_given_back: bool) -> None:
    kept = {"name": None, "company_id": "y", "metadata": {}}
    merged = {"name": None, "company_id": "x", "metadata": {}}
    assert bool(given_back(kept, merged, {"company_id": "x"}, moved=moved)) is is_given_back
