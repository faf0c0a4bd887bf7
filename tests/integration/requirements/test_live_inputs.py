"""Rankings on what customers said: counted, in money, by segment, with where each number comes from."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from services.chassis.following import Following
from tests.integration.requirements.statements import counted_statements
from tests.integration.requirements.test_backlog import need
from tests.integration.requirements.test_prioritization import RANGES, adds_up, rank


async def made(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND query ~ 'requirement|prioritization'
  AND pid <> pg_backend_pid()
"""
PAYS = {"one.example": (10_000_00, "EUR"), "two.example": (5_000_00, "EUR"), "three.example": (7_000_00, "USD")}


@pytest.fixture
async def segment(api: httpx.AsyncClient, following: Following) -> dict[str, Any]:
    """Three companies that pay; those that pay more than 8,000 euros are a segment."""
    for domain, (amount, currency) in PAYS.items():
        company = await made(api, "/v1/companies", {"name": domain, "domain": domain})
        revenue = {"annual": {"amount_minor": amount, "currency": currency}, "valid_from": "2020-01-01"}
        await made(api, f"/v1/companies/{company['id']}/revenues", revenue)
    return await made(api, "/v1/segments", {"name": "Large", "rule": "company.revenue > 800000 EUR"})


async def quoted(api: httpx.AsyncClient, following: Following, title: str, *domains: str) -> dict[str, Any]:
    """A requirement that rests on a quote from somebody of each company."""
    evidence = []
    for number, domain in enumerate(domains):
        said = {"text": "I lose an hour", "company": {"domain": domain}, "contact": {"email": f"p{number}@{domain}"}}
        feedback = await made(api, "/v1/feedback", said)
        evidence.append({"feedback_id": feedback["id"], "quote": "an hour", "strength": 2})
    await following.consumer("standings").catch_up()
    return await need(api, title, estimates=RANGES | {"value": 1}, evidence=evidence)


async def test_reach_is_taken_from_those_who_were_heard(
    api: httpx.AsyncClient, following: Following, segment: dict[str, Any]
) -> None:
    many = await quoted(api, following, "many", "one.example", "one.example", "two.example", "three.example")
    none = await need(api, "none", estimates=RANGES)
    ranking = await rank(api, taken=[{"input": "reach", "source": "companies", "factor": 10}])
    first, last = ranking["ranking"]
    assert (first["requirement_id"], last["requirement_id"]) == (many["id"], none["id"])
    assert (first["inputs"]["reach"], last["inputs"]["reach"]) == (30, 0)
    assert first["taken"] == {
        "reach": {
            "source": "companies",
            "currency": None,
            "segment_id": None,
            "counted": 3,
            "factor": 10,
            "value": 30,
        }
    }
    assert first["estimates"]["reach"]["likely"] == RANGES["reach"]["likely"], "the estimate itself stays"
    assert all(adds_up(line["score"], line["reference_score"], line["contributions"]) for line in (first, last))
    kept = (await api.get(f"/v1/prioritizations/{ranking['id']}")).json()
    assert kept == ranking


async def test_revenue_counts_a_company_once_by_currency_and_segment(
    api: httpx.AsyncClient, following: Following, segment: dict[str, Any]
) -> None:
    await quoted(api, following, "all", "one.example", "one.example", "two.example", "three.example")
    by_value = {"method": "value_effort"}
    expected = [
        ({"source": "revenue", "currency": "EUR"}, 15_000_00),
        ({"source": "revenue", "currency": "USD"}, 7_000_00),
        ({"source": "revenue", "currency": "EUR", "segment_id": segment["id"]}, 10_000_00),
        ({"source": "contacts", "segment_id": segment["id"]}, 2),
    ]
    for source, amount in expected:
        (line,) = (await rank(api, **by_value, taken=[{"input": "value", **source}]))["ranking"]
        assert line["taken"]["value"]["counted"] == amount, source
    drivers = [
        {"name": "Euros", "input": "revenue", "currency": "EUR", "weight": 1, "scale": {"worst": 0, "best": 30_000_00}},
        {
            "name": "Euros of the large",
            "input": "revenue",
            "currency": "EUR",
            "segment_id": segment["id"],
            "weight": 1,
            "scale": {"worst": 0, "best": 20_000_00},
        },
    ]
    (line,) = (await rank(api, method="weighted", drivers=drivers))["ranking"]
    assert line["inputs"] == {"revenue:EUR": 15_000_00, f"revenue:EUR:{segment['id']}": 10_000_00}
    assert line["score"] == 0.5


async def test_votes_count_with_what_the_voters_pay(api: httpx.AsyncClient, segment: dict[str, Any]) -> None:
    wanted = await need(api, "wanted", estimates=RANGES | {"value": 1})
    for email in ("a@one.example", "b@one.example", "c@two.example", "d@free.example"):
        await made(api, "/v1/votes", {"requirement_id": wanted["id"], "contact": {"email": email}})
    contacts = (await api.get("/v1/contacts", params={"limit": 200})).json()["items"]
    companies = {each["domain"]: each["id"] for each in (await api.get("/v1/companies")).json()["items"]}
    for contact in contacts:
        domain = contact["email"].partition("@")[2]
        if domain in companies:
            body = {"company_id": companies[domain]}
            await api.patch(f"/v1/contacts/{contact['id']}", json=body, headers={"If-Match": "*"})
    (line,) = (await rank(api, taken=[{"input": "reach", "source": "votes"}]))["ranking"]
    assert line["inputs"]["reach"] == 4
    source = {"input": "value", "source": "vote_revenue", "currency": "EUR"}
    (line,) = (await rank(api, method="value_effort", taken=[source]))["ranking"]
    assert line["taken"]["value"]["counted"] == 15_000_00
    people = await made(
        api, "/v1/segments", {"name": "Cs", "subject": "contact", "rule": 'contact.email = "c@two.example"'}
    )
    for narrowed, votes, pays in ((segment, 2, 10_000_00), (people, 1, 5_000_00)):
        only = {"segment_id": narrowed["id"]}
        taken = [{"input": "reach", "source": "votes", **only}]
        (line,) = (await rank(api, taken=taken))["ranking"]
        assert line["inputs"]["reach"] == votes, narrowed
        (line,) = (await rank(api, method="value_effort", taken=[{**source, **only}]))["ranking"]
        assert line["taken"]["value"]["counted"] == pays, narrowed


async def test_theme_inputs_stand_at_nothing_without_a_theme(api: httpx.AsyncClient) -> None:
    await need(api, "alone", estimates=RANGES)
    drivers = [
        {"name": "Size", "input": "theme_size", "weight": 1},
        {"name": "Growth", "input": "theme_growth", "weight": 1},
    ]
    (line,) = (await rank(api, method="weighted", drivers=drivers))["ranking"]
    assert line["inputs"] == {"theme_size": 0, "theme_growth": 1}


@pytest.mark.parametrize(
    ("taken", "pointer"),
    [
        ({"input": "reach", "source": "revenue"}, "/taken/0"),
        ({"input": "reach", "source": "contacts", "currency": "EUR"}, "/taken/0"),
        ({"input": "reach", "source": "votes", "segment_id": str(uuid4())}, "/taken/0/segment_id"),
        ({"input": "impact", "source": "votes"}, "/taken/0/input"),
        ({"input": "reach", "source": "moonshine"}, "/taken/0/source"),
        ({"input": "reach", "source": "contacts", "segment_id": str(uuid4())}, "/taken/0/segment_id"),
    ],
)
async def test_what_cannot_be_counted_is_refused(api: httpx.AsyncClient, taken: dict[str, Any], pointer: str) -> None:
    await need(api, "x", estimates=RANGES)
    answer = await api.post("/v1/prioritizations", json={"name": "x", "taken": [taken]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text


async def test_no_transaction_waits_for_the_computing(
    api: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the child computes, no transaction that has read requirements is still open."""
    await need(api, "x", estimates=RANGES)
    ranker, seen = app.state.context.ranker, []
    call = ranker.call

    async def watched(function: str, payload: Any) -> Any:
        async with app.state.context.database.session(workspace_id=None, read_only=True) as session:
            seen.append(await session.scalar(text(WAITING)))
        return await call(function, payload)

    monkeypatch.setattr(ranker, "call", watched)
    ranking = await rank(api)
    await rank(api)
    assert (await api.get(f"/v1/prioritizations/{ranking['id']}/comparison")).status_code == 200
    both = {"methods": ["rice", "moscow"]}
    assert (await api.post("/v1/prioritizations/side-by-side", json=both)).status_code == 200
    assert seen == [0, 0, 0, 0]


async def test_counting_asks_as_often_for_many_as_for_one(api: httpx.AsyncClient, app: FastAPI) -> None:
    taken = [{"input": "reach", "source": "votes"}, {"input": "value", "source": "theme_size"}]
    await need(api, "one", estimates=RANGES)
    with counted_statements(app) as alone:
        await rank(api, taken=taken)
    for title in ("two", "three", "four"):
        await need(api, title, estimates=RANGES)
    with counted_statements(app) as together:
        await rank(api, taken=taken)
    assert len(together) == len(alone)
