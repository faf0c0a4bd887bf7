"""The audit log of a whole stack: every service's acts in one list, and any altered byte named."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import pytest_asyncio

from services.launcher.bootstrap import SERVICES
from tests.e2e.stack import Stack

ACTIONS = {
    "gateway": "api_key.created",
    "requirements": "requirement.created",
    "roadmap": "objective.created",
    "metrics": "kpi.created",
}
REQUIREMENT = {"title": "Export in the background"}
OBJECTIVE = {"title": "Nobody waits", "due_on": "2027-03-31"}
KPI = {"name": "Waiting", "unit": "s", "aggregation": "average", "direction": "down"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A workspace of its own in which every service has had something to do."""
    async with stack.client(await stack.other_workspace("Audited")) as client:
        key = await client.post("/v1/api-keys", json={"name": "Desk", "role": "contributor"})
        made = [key]
        for path, body in (("requirements", REQUIREMENT), ("objectives", OBJECTIVE), ("kpis", KPI)):
            made.append(await client.post(f"/v1/{path}", json=body))
        assert [answer.status_code for answer in made] == [201] * 4, [answer.text for answer in made]
        changed = await client.patch(made[1].headers["location"], json={"title": "Soon"}, headers={"If-Match": "*"})
        assert changed.status_code == 200
        yield client


async def log(client: httpx.AsyncClient, **params: object) -> list[dict]:
    """All pages of the log."""
    items, cursor = [], None
    while True:
        answer = await client.get("/v1/audit-log", params=params | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return items


async def test_every_services_acts_are_in_one_log(admin):
    items = await log(admin, limit=2)
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)
    assert {item["service"] for item in items} == set(SERVICES)
    changed = items[0]
    assert (changed["action"], changed["is_unconditional"]) == ("requirement.updated", True)
    assert changed["before"]["title"] == "Export in the background"
    assert changed["after"]["title"] == "Soon"
    assert "digest" not in next(item for item in items if item["action"] == "api_key.created")["after"]


async def test_filters_narrow_the_log(admin):
    everything = await log(admin)
    first = everything[-1]
    assert await log(admin, action="kpi.created") == [each for each in everything if each["action"] == "kpi.created"]
    assert len(await log(admin, subject=everything[0]["subject_id"])) == 2
    assert len(await log(admin, subject_type="requirement")) == 2
    assert await log(admin, actor=first["actor_id"]) == [
        each for each in everything if each["actor_id"] == first["actor_id"]
    ]
    assert await log(admin, actor="key:nobody") == []
    assert await log(admin, until=first["at"]) == []
    assert await log(admin, since=first["at"]) == everything
    assert {each["service"] for each in await log(admin, service="metrics")} == {"metrics"}


async def test_a_cursor_is_good_for_its_filters_alone(admin):
    page = (await admin.get("/v1/audit-log", params={"limit": 1})).json()
    wider = {"limit": 2, "cursor": page["next_cursor"]}
    assert (await admin.get("/v1/audit-log", params=wider)).status_code == 200
    assert (await admin.get("/v1/audit-log", params=wider | {"action": "x"})).status_code == 400


async def test_an_intact_log_says_so(admin):
    verification = (await admin.get("/v1/audit-log/verify")).json()
    assert verification["is_intact"]
    assert verification["next_cursor"] is None
    assert {chain["service"] for chain in verification["chains"]} == set(SERVICES)
    assert all(chain["verified_to"] > 0 and chain["is_complete"] for chain in verification["chains"])


@pytest.mark.parametrize("service", SERVICES)
async def test_a_flipped_byte_is_named(stack, admin, service):
    entry = (await log(admin, service=service, action=ACTIONS[service]))[-1]
    workspace = (await admin.get("/v1/me")).json()["workspace"]["id"]
    connection = await asyncpg.connect(stack.database_url(service))
    flip = """UPDATE audit_entry SET after = overlay(after placing chr(ascii(substr(after, 9, 1)) # 1) from 9 for 1)
              WHERE workspace_id = $1 AND position = $2"""
    try:
        assert await connection.execute(flip, workspace, entry["position"]) == "UPDATE 1"
        verification = (await admin.get("/v1/audit-log/verify")).json()
    finally:
        await connection.execute(flip, workspace, entry["position"])
        await connection.close()
    broken = [(chain["service"], chain["broken_at"]) for chain in verification["chains"] if chain["broken_at"]]
    assert (verification["is_intact"], broken) == (False, [(service, entry["position"])])
    assert (await admin.get("/v1/audit-log/verify")).json()["is_intact"]
