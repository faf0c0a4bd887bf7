import asyncio
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.chassis.errors import BadGateway
from services.chassis.operations import OperationRun
from services.chassis.rounds import workspaces_with
from services.metrics.sources.pulling import pull, pull_due
from services.metrics.sources.tasks import import_file
from tests.integration.metrics.test_measurements import figures

MAY = {"from": "2026-05-01T00:00:00Z", "to": "2026-05-03T00:00:00Z"}


class Site:
    """Answers every request with the same; remembers what it was asked."""

    def __init__(self):
        self.status, self.document, self.asked = 200, {}, []

    async def answer(self, reader, writer):
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        body = json.dumps(self.document).encode()
        head = f"HTTP/1.1 {self.status} OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def site():
    made = Site()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/figures.json"
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
def make_source(api, make_kpi, site):
    async def make(**differing):
        kpi = await make_kpi(dimensions=["plan"])
        body = {"name": f"Source of {kpi['id']}", "kpi_id": kpi["id"], "url": site.url, "value_path": "value"}
        answer = await api.post("/v1/measurement-sources", json=body | {"time_path": "at"} | differing)
        assert answer.status_code == 201, answer.text
        return kpi, answer.json()

    return make


async def test_figures_are_fetched_once_and_corrected_when_the_source_says_otherwise(
    api, context, workspace, site, make_source
):
    paths = {"items_path": "data.days", "dimension_paths": {"plan": "of.plan"}}
    kpi, source = await make_source(authorization="Bearer of-the-source", **paths)
    days = [{"at": "2026-05-01", "value": 4, "of": {"plan": "pro"}}, {"at": 1777680000, "value": "2.5"}]
    site.document = {"data": {"days": [*days, {"at": "never", "value": 1}, {"at": "2026-05-01"}]}}
    assert await pull(context, UUID(source["id"]), workspace_id=workspace) == {
        "new": 2,
        "known": 0,
        "corrected": 0,
        "skipped": 2,
    }
    assert "Authorization: Bearer of-the-source" in site.asked[0]
    days[0]["value"] = 5
    assert await pull(context, UUID(source["id"]), workspace_id=workspace) == {
        "new": 0,
        "known": 1,
        "corrected": 1,
        "skipped": 2,
    }
    assert list((await figures(api, kpi, **MAY)).values()) == [5, 2.5]
    assert list((await figures(api, kpi, filter="plan:pro", **MAY)).values()) == [5, None]
    told = (await api.get(f"/v1/measurement-sources/{source['id']}")).json()
    assert (told["has_authorization"], told["fault"], told["result"]["corrected"]) == (True, None, 1)
    assert "of-the-source" not in json.dumps(told)


async def test_sources_are_asked_when_their_time_has_come(api, context, site, make_source):
    kpi, _ = await make_source(every_minutes=60)
    _, resting = await make_source(is_enabled=False)
    site.document = [{"at": "2026-05-01T10:00:00Z", "value": 1}]
    await pull_due(context)
    asked = len(site.asked)
    await pull_due(context)
    assert len(site.asked) == asked
    context.clock.advance(timedelta(minutes=61))
    await pull_due(context)
    assert len(site.asked) > asked
    assert (await figures(api, kpi, **MAY))["2026-05-01T00:00:00Z"] == 1
    assert (await api.get(f"/v1/measurement-sources/{resting['id']}")).json()["pulled_at"] is None


@pytest.mark.parametrize(("status", "document"), [(500, []), (302, []), (200, {"a": 1}), (200, "text")])
async def test_what_went_wrong_is_told(api, context, workspace, site, make_source, *, status, document):
    _, source = await make_source(items_path="rows")
    site.status, site.document = status, document
    with pytest.raises(BadGateway):
        await pull(context, UUID(source["id"]), workspace_id=workspace)
    assert (await api.get(f"/v1/measurement-sources/{source['id']}")).json()["fault"]


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://example.com/", "https://10.0.0.1/"])
async def test_addresses_that_may_not_be_called_are_refused(api, make_kpi, url):
    kpi = await make_kpi()
    body = {"name": url, "kpi_id": kpi["id"], "url": url, "value_path": "value"}
    answer = await api.post("/v1/measurement-sources", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "refused")


async def test_a_source_is_changed_and_removed(api, make_source):
    _, source = await make_source(authorization="Bearer a")
    path = f"/v1/measurement-sources/{source['id']}"
    changed = await api.patch(path, json={"authorization": None}, headers={"If-Match": source["etag"]})
    assert (changed.status_code, changed.json()["has_authorization"]) == (200, False)
    assert (await api.delete(path, headers={"If-Match": source["etag"]})).status_code == 412
    assert (await api.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 204


MOVE_CREDENTIAL = text(
    "UPDATE measurement_source SET credential = (SELECT credential FROM measurement_source WHERE id = :one) "
    "WHERE id = :other"
)


async def test_a_credential_is_of_one_source_only(context, workspace, site, make_source):
    (_, one), (_, other) = [await make_source(authorization=f"Bearer of-{name}") for name in ("one", "other")]
    site.document = [{"at": "2026-05-01T10:00:00Z", "value": 1}]
    async with context.database.transaction(workspace_id=workspace) as session:
        await session.execute(MOVE_CREDENTIAL, {"one": one["id"], "other": other["id"]})
    await pull(context, UUID(one["id"]), workspace_id=workspace)
    with pytest.raises(BadGateway, match="cannot be read any more"):
        await pull(context, UUID(other["id"]), workspace_id=workspace)
    assert len(site.asked) == 1


SELECT = text("SELECT payload FROM operation WHERE id = :id")


async def send_file(api, context, workspace, kpi, content):
    answer = await api.post(f"/v1/kpis/{kpi['id']}/import", content=content, headers={"Content-Type": "text/csv"})
    if answer.status_code != 202:
        return answer.json()
    operation = answer.json()
    async with context.database.transaction(workspace_id=workspace) as session:
        rows = await session.execute(SELECT, {"id": operation["id"]})
        payload = rows.scalar_one()
    await import_file(OperationRun(context, workspace, operation["id"], payload))
    return (await api.get(f"/v1/operations/{operation['id']}")).json()["result"]


async def test_a_file_is_read_row_by_row(api, context, workspace, make_kpi):
    kpi = await make_kpi(dimensions=["plan"])
    rows = [
        "measured_at,value,dedupe_key,dimension:plan",
        "2026-05-01T09:00:00Z,1.5,a,pro",
        "2026-05-01T09:00:00Z,1.5,a,pro",
        '2026-05-02T09:00:00Z,2,,"free, and more"',
        "2026-05-02T09:00:00,2,,",
        "2026-05-02T09:00:00Z,many,,",
    ]
    told = await send_file(api, context, workspace, kpi, "\ufeff" + "\r\n".join(rows) + "\r\n")
    assert (told["new"], told["known"], told["refused"]) == (2, 1, 2)
    assert [(each["line"], each["problem"]["errors"][0]["pointer"]) for each in told["faults"]] == [
        (5, "/measured_at"),
        (6, "/value"),
    ]
    assert list((await figures(api, kpi, **MAY)).values()) == [1.5, 2]
    assert list((await figures(api, kpi, filter="plan:x", **MAY)).values()) == [None] * 2


BAD_FILES = [b"", b"value\n1\n", b"measured_at,value,colour\n", b"measured_at,value,value\n", b"\xff"]


@pytest.mark.parametrize("content", BAD_FILES)
async def test_a_file_whose_columns_make_no_sense_is_refused_at_once(api, context, workspace, make_kpi, *, content):
    told = await send_file(api, context, workspace, await make_kpi(), content)
    assert told["status"] == 422


async def test_a_round_enters_only_the_workspaces_that_have_something_for_it(
    caller, context, workspace, site, make_source
):
    await make_source()
    nothing = uuid4()
    answer = await caller(workspace_id=nothing).post(
        "/v1/kpis", json={"name": "Alone", "unit": "EUR", "aggregation": "sum", "direction": "up"}
    )
    assert answer.status_code == 201, answer.text
    with_sources = await workspaces_with(context, "sources")
    assert workspace in with_sources
    assert nothing not in with_sources
