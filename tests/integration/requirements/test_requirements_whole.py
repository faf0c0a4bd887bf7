"""Requirements whole: whom they are for, what they are tied to, what they were, and the backlog as a file."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.app import build_context
from services.chassis.identity import SCOPES, Principal, TokenSigner
from services.requirements.app import build_service
from services.requirements.settings import RequirementsSettings
from tests.integration.requirements.conftest import SEED, Caller
from tests.integration.requirements.roadmap_double import RoadmapDouble, running_roadmap
from tests.integration.requirements.statements import counted_statements
from tests.integration.requirements.test_backlog import need


@pytest_asyncio.fixture
async def roadmap() -> AsyncIterator[RoadmapDouble]:
    async with running_roadmap() as double:
        yield double


@pytest_asyncio.fixture
async def linked(
    settings: RequirementsSettings, roadmap: RoadmapDouble, workspace: UUID
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of a service that knows where the roadmap is."""
    context = build_context("requirements", settings.model_copy(update={"role": "api", "roadmap_url": roadmap.url}))
    service = build_service(context)
    token = TokenSigner(SEED, issuer="tests").sign(
        Principal("key:test", "key", workspace, "admin", frozenset(SCOPES)), audience="requirements", lifetime_s=600
    )
    async with (
        service.router.lifespan_context(service),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=service),
            base_url="http://requirements",
            headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):
        yield client


async def test_it_names_what_the_roadmap_owns(linked: httpx.AsyncClient, roadmap: RoadmapDouble) -> None:
    objective, persona, wish = roadmap.add("objectives"), roadmap.add("personas"), roadmap.add("needs")
    links = [{"objective_id": objective, "alignment": 3}]
    made = await need(linked, objectives=links, persona_id=persona, need_id=wish, estimates={"reach": 5})
    assert (made["objectives"], made["persona_id"], made["need_id"]) == (links, persona, wish)
    strangers = {"objectives": [{"objective_id": str(uuid4())}], "persona_id": str(uuid4()), "need_id": str(uuid4())}
    refused = await linked.post("/v1/requirements", json={"title": "x", **strangers})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_reference")
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert pointers == ["/objectives/0/objective_id", "/persona_id", "/need_id"]
    drivers = [{"name": "Strategy", "input": "objective_alignment", "weight": 1, "scale": {"worst": 0, "best": 3}}]
    ranked = await linked.post("/v1/prioritizations", json={"name": "x", "method": "weighted", "drivers": drivers})
    assert ranked.json()["ranking"][0]["score"] == 1


async def test_a_roadmap_that_is_down_hinders_only_who_names_it(
    linked: httpx.AsyncClient, roadmap: RoadmapDouble
) -> None:
    roadmap.is_down = True
    await need(linked)
    refused = await linked.post("/v1/requirements", json={"title": "x", "persona_id": str(uuid4())})
    assert (refused.status_code, refused.json()["code"]) == (503, "neighbour_unavailable")


async def test_its_own_facts_change_under_an_etag(api: httpx.AsyncClient) -> None:
    declared = await api.post("/v1/custom-fields", json={"applies_to": "requirement", "name": "tier", "kind": "number"})
    assert declared.status_code == 201, declared.text
    made = await need(api, kind="bug", owner="Ada", product_area="Reports", acceptance_criteria=["It arrives"])
    assert (made["kind"], made["owner"], made["acceptance_criteria"]) == ("bug", "Ada", ["It arrives"])
    address = f"/v1/requirements/{made['id']}"
    changed = await api.patch(
        address, json={"owner": None, "custom_fields": {"tier": 2}}, headers={"If-Match": made["etag"]}
    )
    assert (changed.json()["owner"], changed.json()["custom_fields"]) == (None, {"tier": 2})
    wrong = await api.patch(address, json={"custom_fields": {"tier": "two"}}, headers={"If-Match": "*"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/custom_fields/tier")
    used = await api.delete(declared.headers["location"], headers={"If-Match": "*"})
    assert used.status_code == 409


async def test_every_version_is_kept_and_can_be_read_as_of(api: httpx.AsyncClient) -> None:
    made = await need(api, "First title")
    address = f"/v1/requirements/{made['id']}"
    second = (await api.patch(address, json={"title": "Second"}, headers={"If-Match": made["etag"]})).json()
    await api.post(f"{address}/transitions", json={"to": "declined", "reason": "No"})
    told = (await api.get(f"{address}/history")).json()
    assert [(each["version"], each["change"]) for each in told["revisions"]] == [
        (3, "requirement.status_changed"),
        (2, "requirement.updated"),
        (1, "requirement.created"),
    ]
    assert {each["changed_by"] for each in told["revisions"]} == {"key:test"}
    assert told["revisions"][2]["requirement"] == made
    assert told["revisions"][1]["requirement"] == second
    assert told["revisions"][0]["requirement"] == (await api.get(address)).json()
    older = (await api.get(f"{address}/history", params={"before": 2})).json()
    assert [each["version"] for each in older["revisions"]] == [1]
    then = await api.get(address, params={"as_of": second["updated_at"]})
    assert then.json() == second
    before = datetime.fromisoformat(made["created_at"]) - timedelta(seconds=1)
    assert (await api.get(address, params={"as_of": before.isoformat()})).status_code == 404


async def test_relations_are_tied_listed_from_both_ends_and_refused_in_circles(
    api: httpx.AsyncClient, caller: Caller
) -> None:
    one, two, three = [(await need(api, title))["id"] for title in ("one", "two", "three")]

    async def tie(begins: str, kind: str, ends: str) -> httpx.Response:
        return await api.post(f"/v1/requirements/{begins}/relations", json={"kind": kind, "other_requirement_id": ends})

    made = await tie(one, "requires", two)
    assert (await tie(two, "requires", three)).status_code == 201
    circle = await tie(three, "requires", one)
    assert (circle.status_code, circle.json()["code"]) == (409, "relation_refused")
    assert (await tie(two, "excludes", one)).status_code == 409
    assert (await tie(one, "couples", str(uuid4()))).json()["code"] == "unknown_reference"
    for end in (one, two):
        assert made.json() in (await api.get(f"/v1/requirements/{end}/relations")).json()["items"]
    assert (await caller(workspace_id=uuid4()).get(made.headers["location"])).status_code == 404
    assert (await api.delete(made.headers["location"], headers={"If-Match": "*"})).status_code == 204
    assert (await tie(three, "requires", one)).status_code == 201


async def test_two_at_once_do_not_close_a_circle(api: httpx.AsyncClient) -> None:
    one, two = [(await need(api, title))["id"] for title in ("one", "two")]
    answers = await asyncio.gather(
        api.post(f"/v1/requirements/{one}/relations", json={"kind": "requires", "other_requirement_id": two}),
        api.post(f"/v1/requirements/{two}/relations", json={"kind": "requires", "other_requirement_id": one}),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_comments(api: httpx.AsyncClient) -> None:
    address = f"/v1/requirements/{(await need(api))['id']}/comments"
    said = await api.post(address, json={"text": "Two more teams"})
    assert (said.status_code, said.json()["author"]) == (201, "key:test")
    changed = await api.patch(
        said.headers["location"], json={"text": "Three more"}, headers={"If-Match": said.headers["etag"]}
    )
    assert changed.json()["text"] == "Three more"
    assert (await api.get(address)).json()["items"] == [changed.json()]
    assert (await api.delete(said.headers["location"], headers={"If-Match": "*"})).status_code == 204
    assert (await api.get(said.headers["location"])).status_code == 404


async def test_evidence_by_account(api: httpx.AsyncClient) -> None:
    quotes = []
    for number, strength in ((1, 3), (2, 1)):
        body = {
            "text": f"wish {number}",
            "contact": {"email": f"a{number}@example.com"},
            "company": {"domain": f"co{number}.example"},
        }
        said = (await api.post("/v1/feedback", json=body)).json()
        quotes.append({"feedback_id": said["id"], "quote": "wish", "strength": strength})
    requirement = await need(api, evidence=quotes)
    told = (await api.get(f"/v1/requirements/{requirement['id']}/accounts")).json()
    assert [(each["quotes"], each["strength"], each["contacts"]) for each in told["accounts"]] == [(1, 3, 1), (1, 1, 1)]
    assert all(each["company_id"] for each in told["accounts"])


async def test_the_backlog_as_a_file(api: httpx.AsyncClient, app: FastAPI, caller: Caller) -> None:
    await need(api, "=HYPERLINK(1)", problem="# no *heading*", acceptance_criteria=["-1 is refused"])
    await need(api, "plain", estimates={"reach": {"low": 1, "likely": 2, "high": 3}})
    await need(caller(workspace_id=uuid4()), "theirs")
    address = "/v1/requirements/export"
    sheet = await api.get(address)
    assert sheet.headers["content-disposition"] == 'attachment; filename="requirements.csv"'
    assert sheet.headers["x-content-type-options"] == "nosniff"
    first, second = csv.DictReader(io.StringIO(sheet.text))
    assert (first["title"], first["acceptance_criteria"], second["reach"]) == (
        "'=HYPERLINK(1)",
        "'-1 is refused",
        "2.0",
    )
    whole = (await api.get(address, params={"format": "json"})).json()
    assert whole == list(reversed((await api.get("/v1/requirements")).json()["items"]))
    lines = (await api.get(address, params={"format": "ndjson"})).text.splitlines()
    assert [json.loads(line) for line in lines] == whole
    page = (await api.get(address, params={"format": "markdown"})).text
    assert "## =HYPERLINK(1)" in page
    assert r"\# no \*heading\*" in page
    empty = await caller(workspace_id=uuid4()).get(address, params={"format": "json"})
    assert empty.json() == []


async def test_more_rows_take_no_more_statements(api: httpx.AsyncClient, app: FastAPI) -> None:
    one, two = (await need(api))["id"], (await need(api))["id"]

    async def statements() -> list[int]:
        counts = []
        for what in ("", f"/{one}/comments", f"/{one}/relations", f"/{one}/history", f"/{one}/accounts", "/export"):
            with counted_statements(app) as seen:
                assert (await api.get(f"/v1/requirements{what}")).status_code == 200
            counts.append(len(seen))
        return counts

    await api.post(f"/v1/requirements/{one}/comments", json={"text": "x"})
    await api.post(f"/v1/requirements/{one}/relations", json={"kind": "couples", "other_requirement_id": two})
    before = await statements()
    for number in range(4):
        other = (await need(api))["id"]
        await api.post(f"/v1/requirements/{one}/comments", json={"text": f"{number}"})
        await api.post(f"/v1/requirements/{one}/relations", json={"kind": "requires", "other_requirement_id": other})
    assert await statements() == before
