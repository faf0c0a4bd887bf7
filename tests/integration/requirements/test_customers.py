"""Contacts and companies by all their names, what they pay, and which segments they belong to."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.requirements.app import standing_handlers
from services.requirements.customers.routes import EXAMPLE_LTD, GRACE
from services.requirements.segments.routes import ENTERPRISE
from tests.integration.requirements.feeds import deliver, news
from tests.integration.requirements.test_intake import NDJSON, ndjson, results
from tests.postgres import DatabaseAddress

TEN_K = {"annual": {"amount_minor": 1_000_000, "currency": "EUR"}, "valid_from": "2025-01-01"}
TWENTY_K = {"annual": {"amount_minor": 2_000_000, "currency": "EUR"}, "valid_from": "2026-01-01"}


async def made(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    resource: dict[str, Any] = answer.json()
    return resource


async def customers_of(api: httpx.AsyncClient, source: str = "api", **named: Any) -> tuple[str | None, str | None]:
    feedback = await made(api, "/v1/feedback", {"text": "x", "source": source, **named})
    return feedback["contact_id"], feedback["company_id"]


async def freeze(app: FastAPI, workspace: UUID, feedback_id: str, kind: str = "feedback.recorded") -> None:
    event = news(kind, workspace, subject_type="feedback", subject_id=UUID(feedback_id), version=1, data={})
    await deliver(app, standing_handlers(), [event])


class TestNames:
    async def test_what_was_made_is_read_by_each_of_its_names(self, api: httpx.AsyncClient) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD)
        assert company["other_domains"] == ["research.example.net"]
        assert company["other_ids"] == [{"source": "billing", "external_id": "cus_17"}]
        assert (await api.get(f"/v1/companies/{company['id']}")).json() == company
        for name in ({"domain": "research.example.net"}, {"domain": "research.example.org"}, {"external_id": "cus_17"}):
            found = (await api.get("/v1/companies", params=name)).json()["items"]
            assert [each["id"] for each in found] == [company["id"]], name

    async def test_feedback_finds_them_by_each_of_their_names(self, api: httpx.AsyncClient) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD)
        contact = await made(api, "/v1/contacts", GRACE | {"other_emails": ["grace@home.example"]})
        named = {"contact": {"email": "grace@home.example"}, "company": {"domain": "research.example.net"}}
        assert await customers_of(api, **named) == (contact["id"], company["id"])
        by_id = {"company": {"external_id": "cus_17", "name": "A better name"}}
        assert await customers_of(api, "billing", **by_id) == (None, company["id"])
        read = (await api.get(f"/v1/companies/{company['id']}")).json()
        assert (read["name"], read["external_id"], read["domain"]) == ("A better name", "account-17", company["domain"])

    async def test_a_name_belongs_to_one(self, api: httpx.AsyncClient) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD)
        for body in (
            {"domain": "research.example.net"},
            {"name": "x", "other_domains": ["research.example.org"]},
            {"source": "billing", "external_id": "cus_17"},
        ):
            refused = await api.post("/v1/companies", json=body)
            assert (refused.status_code, refused.json()["taken_by"]) == (409, company["id"]), body
        twice = await api.post("/v1/companies", json={"domain": "a.example", "other_domains": ["a.example"]})
        assert twice.status_code == 409

    async def test_names_are_replaced_by_a_patch(self, api: httpx.AsyncClient) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD)
        address = f"/v1/companies/{company['id']}"
        changed = await api.patch(
            address, json={"other_domains": ["new.example"]}, headers={"If-Match": company["etag"]}
        )
        assert (changed.json()["other_domains"], changed.json()["etag"]) == (["new.example"], '"2"')
        assert changed.json()["other_ids"] == company["other_ids"]
        assert (await made(api, "/v1/companies", {"domain": "research.example.net"}))["id"] != company["id"]

    async def test_a_bulk_of_many_names_makes_each_once(self, api: httpx.AsyncClient) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD)
        domains = ["research.example.net", "other.example", "research.example.org", "other.example"]
        lines = results(
            await api.post(
                "/v1/feedback/bulk",
                content=ndjson(*({"text": "x", "company": {"domain": domain}} for domain in domains)),
                headers=NDJSON,
            )
        )
        found = [(await api.get(f"/v1/feedback/{line['id']}")).json()["company_id"] for line in lines]
        assert found[0] == found[2] == company["id"]
        assert found[1] == found[3] != company["id"]

    async def test_a_name_alone_is_enough_and_may_stand_twice(self, api: httpx.AsyncClient) -> None:
        first = await made(api, "/v1/companies", {"name": "One"})
        second = await made(api, "/v1/companies", {"name": "One"})
        assert first["id"] != second["id"]
        assert (await api.post("/v1/companies", json={})).status_code == 422


class TestRevenue:
    async def test_the_next_amount_ends_the_one_before(self, api: httpx.AsyncClient) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD)
        path = f"/v1/companies/{company['id']}/revenues"
        first = await made(api, path, TEN_K)
        second = await made(api, path, TWENTY_K)
        listed = (await api.get(path)).json()["items"]
        assert [(each["valid_from"], each["valid_until"]) for each in listed] == [
            ("2026-01-01", None),
            ("2025-01-01", "2026-01-01"),
        ]
        refused = await api.post(path, json=TWENTY_K | {"valid_from": "2025-06-01", "valid_until": "2025-07-01"})
        assert (refused.status_code, refused.json()["overlaps"]) == (409, first["id"])
        dollars = TWENTY_K | {"annual": {"amount_minor": 5, "currency": "USD"}}
        assert (await api.post(path, json=dollars)).status_code == 201
        gone = await api.delete(f"{path}/{second['id']}", headers={"If-Match": second["etag"]})
        assert gone.status_code == 204
        assert (await api.get(f"/v1/companies/{uuid4()}/revenues")).status_code == 404


class TestSegments:
    async def test_who_belongs_is_computed(self, api: httpx.AsyncClient) -> None:
        large = await made(api, "/v1/companies", EXAMPLE_LTD | {"metadata": {"plan": "team", "seats": "120"}})
        small = await made(
            api, "/v1/companies", {"domain": "small.example", "metadata": {"plan": "free", "seats": "x"}}
        )
        await made(api, f"/v1/companies/{large['id']}/revenues", TWENTY_K)
        person = await made(api, "/v1/contacts", GRACE | {"company_id": large["id"]})
        await made(api, "/v1/contacts", {"email": "nobody@small.example"})

        async def companies(rule: str) -> set[str]:
            segment = await made(api, "/v1/segments", {"name": rule[:200], "rule": rule})
            answer = await api.get("/v1/companies", params={"segment_id": segment["id"]})
            assert answer.status_code == 200, answer.text
            return {each["id"] for each in answer.json()["items"]}

        both = {large["id"], small["id"]}
        assert await companies(ENTERPRISE["rule"]) == {large["id"]}
        assert await companies("company.revenue > 0 USD") == set()
        assert await companies("not company.revenue > 0 USD") == both
        assert await companies("company.revenue is empty") == {small["id"]}
        assert await companies("company.metadata.seats > 50") == {large["id"]}
        assert await companies("not company.metadata.seats > 50") == {small["id"]}
        assert await companies('company.metadata.seats = "x"') == {small["id"]}
        assert await companies('company.name contains "RESEARCH"') == {large["id"]}
        assert await companies('company.name != "x"') == {large["id"]}
        assert await companies("company.created_on > 2020-01-01") == both
        assert await companies('company.domain in ("small.example", "%")') == {small["id"]}
        assert await companies("company.external_id is not empty or company.metadata.nothing is empty") == both

        segment = await made(
            api, "/v1/segments", {"name": "People", "subject": "contact", "rule": 'company.metadata.plan = "team"'}
        )
        people = (await api.get("/v1/contacts", params={"segment_id": segment["id"]})).json()["items"]
        assert [each["id"] for each in people] == [person["id"]]
        wrong = await api.get("/v1/companies", params={"segment_id": segment["id"]})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "query/segment_id")

    @pytest.mark.parametrize(
        ("rule", "subject"), [("company.mood = 1", "company"), ('contact.name = "x"', "company"), ("(", "contact")]
    )
    async def test_a_rule_that_cannot_be_read_is_refused(self, api: httpx.AsyncClient, rule: str, subject: str) -> None:
        refused = await api.post("/v1/segments", json={"name": "x", "subject": subject, "rule": rule})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/rule")

    async def test_what_was_true_then_stays_while_today_changes(
        self, api: httpx.AsyncClient, app: FastAPI, workspace: UUID
    ) -> None:
        company = await made(api, "/v1/companies", EXAMPLE_LTD | {"metadata": {"plan": "team"}})
        path = f"/v1/companies/{company['id']}/revenues"
        await made(api, path, TEN_K)
        await made(api, path, TWENTY_K)
        enterprise = await made(api, "/v1/segments", ENTERPRISE)
        named = {"text": "x", "company": {"domain": company["domain"]}}
        early = await made(api, "/v1/feedback", named | {"occurred_at": "2025-12-31T23:59:59Z"})
        late = await made(api, "/v1/feedback", named | {"occurred_at": "2026-01-01T00:00:00Z"})
        nobody = await made(api, "/v1/feedback", {"text": "y"})
        for each in (early, late, nobody):
            await freeze(app, workspace, each["id"])

        async def standing(feedback: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = (await api.get(f"/v1/feedback/{feedback['id']}/standing")).json()
            return answer

        then, now = (await standing(early))["frozen"], (await standing(early))["live"]
        assert (then["segment_ids"], then["annual_revenue"]) == ([], {"EUR": 1_000_000})
        assert (now["segment_ids"], now["annual_revenue"]) == ([enterprise["id"]], {"EUR": 2_000_000})
        assert then["as_of"] == early["occurred_at"]
        assert (await standing(late))["frozen"]["segment_ids"] == [enterprise["id"]]
        assert (await standing(nobody))["frozen"]["annual_revenue"] == {}
        found = (await api.get("/v1/feedback", params={"segment_id": enterprise["id"]})).json()["items"]
        assert [each["id"] for each in found] == [late["id"]]

        assert (await api.get(f"/v1/feedback/{uuid4()}/standing")).status_code == 404
        change = {"metadata": {"plan": "free"}}
        await api.patch(f"/v1/companies/{company['id']}", json=change, headers={"If-Match": "*"})
        await freeze(app, workspace, late["id"], "feedback.updated")
        assert (await standing(late))["frozen"]["segment_ids"] == [enterprise["id"]]
        assert (await standing(late))["live"]["segment_ids"] == []


async def test_a_person_is_erased_with_all_their_names(
    api: httpx.AsyncClient, database: DatabaseAddress, workspace: UUID
) -> None:
    kept = await made(api, "/v1/contacts", GRACE | {"other_emails": ["grace@home.example"]})
    other = await made(api, "/v1/contacts", {"email": "g.hopper@navy.example", "name": "G. Hopper"})
    await made(api, "/v1/feedback", {"text": "Secret words", "contact": {"email": "g.hopper@navy.example"}})
    merge = {"subject": "contact", "kept_id": kept["id"], "merged_id": other["id"]}
    await made(api, "/v1/customer-merges", merge)
    subject = (await api.get(f"/internal/personal-data/subjects/{other['id']}")).json()
    assert subject["emails"] == ["g.hopper@navy.example", "grace@home.example", "grace@research.example.org"]
    exported = (await api.post("/internal/personal-data/export", json=subject)).json()["tables"]
    found = {table: len(rows) for table, rows in exported.items() if table != "audit_entry"}
    assert found == {"contact": 2, "contact_alias": 1, "feedback": 1}
    erased = await api.post("/internal/personal-data/erase", json=subject)
    assert erased.status_code == 200, erased.text
    connection = await asyncpg.connect(database.superuser_url)
    try:
        for table in ("contact", "contact_alias", "feedback", "customer_merge", "event"):
            rows = await connection.fetch(f"SELECT row::text FROM {table} AS row WHERE workspace_id = $1", workspace)
            text = " ".join(row[0] for row in rows).lower()
            assert not [word for word in ("hopper", "grace", "secret") if word in text], table
    finally:
        await connection.close()
