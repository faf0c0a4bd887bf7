"""What a workspace uses: requests by day, and what each service says it keeps."""

import json

import pytest

from gateway.limits.tally import RequestCount, RequestTally
from services.chassis.clock import SystemClock
from tests.integration.gateway.faulty_service import FaultyService, answer, reset

FEATURES = {"name": "feature", "rows": 20_000, "is_estimate": True, "bytes": 4_000_000}
TEAMS = {"name": "team", "rows": 2, "is_estimate": False, "bytes": 100}


@pytest.fixture
def service(shared_service: FaultyService, gateway) -> FaultyService:
    shared_service.usually = answer(json.dumps([TEAMS, FEATURES]).encode(), head=b"Content-Type: application/json\r\n")
    return shared_service


async def used(gateway) -> dict:
    await gateway.edge.house.tally.flush()
    got = await gateway.client().get("/v1/usage")
    assert got.status_code == 200, got.text
    return got.json()


async def test_requests_are_counted_by_workspace_and_day(gateway, service, keys):
    narrow = await keys.create("x", scopes=["roadmap:read"], workspace_id=gateway.workspace_id)
    await gateway.client().get("/v1/features")
    assert (await gateway.client(narrow.key).get("/v1/workspace")).status_code == 403
    service.script = [reset]
    assert (await gateway.client().post("/v1/features", json={})).status_code == 502
    await gateway.client(None).get("/v1/features")
    [today] = (await used(gateway))["requests"]
    assert (today["requests"], today["refused"], today["failed"]) == (3, 1, 1)
    [today] = (await used(gateway))["requests"]
    assert today["requests"] == 4, "asking is a request too"


async def test_what_each_service_keeps_is_added_up(gateway, service):
    usage = await used(gateway)
    services = {each["service"]: each for each in usage["services"]}
    assert set(services) == {"gateway", "requirements", "roadmap", "metrics"}
    assert [table["name"] for table in services["roadmap"]["tables"]] == ["feature", "team"]
    assert services["roadmap"]["rows"] == 20_002
    assert "api_key" in {table["name"] for table in services["gateway"]["tables"]}
    assert usage["rows"] == sum(each["rows"] for each in services.values())
    assert usage["unavailable"] == []


async def test_a_service_that_is_down_is_named(gateway, service):
    service.usually = reset
    usage = await used(gateway)
    assert usage["unavailable"] == ["requirements", "roadmap", "metrics"]
    assert [each["service"] for each in usage["services"]] == ["gateway"]


async def test_what_could_not_be_written_is_not_lost(gateway):
    written: list[RequestCount] = []

    async def write(counts):
        if not written:
            written.append(counts[0])
            raise OSError("the database is away")
        written.extend(counts)

    tally = RequestTally(write, clock=SystemClock())
    tally.note(gateway.workspace_id, 200)
    await tally.flush()
    tally.note(gateway.workspace_id, 404)
    await tally.flush()
    assert [(each.requests, each.refused) for each in written] == [(1, 0), (2, 1)]
    await tally.flush()
    assert len(written) == 2
