"""Digests: what they tell, and that they stay as they were told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.chassis.operations import OperationRun
from services.metrics.alerts.watch import look_at_rules
from services.metrics.digests.tasks import make_digest
from tests.integration.metrics.conftest import NOW

SELECT = text("SELECT payload FROM operation WHERE id = :id")


@pytest.fixture
def made(api, context, workspace):
    """Asks for a digest, and does what the worker does; answers the digest."""

    async def make(dashboard):
        answer = await api.post(f"/v1/dashboards/{dashboard['id']}/digests")
        assert answer.status_code == 202, answer.text
        operation = answer.json()["id"]
        async with context.database.session(workspace_id=workspace) as session:
            payload = (await session.execute(SELECT, {"id": operation})).scalar_one()
            await session.execute(text("UPDATE operation SET state = 'running' WHERE id = :id"), {"id": operation})
            await session.commit()
        await make_digest(OperationRun(context, workspace, operation, payload))
        result = (await api.get(answer.headers["Location"])).json()["result"]
        return (await api.get(f"/v1/dashboards/{dashboard['id']}/digests/{result['digest_id']}")).json()

    return make


async def dashboard(api, *kpis):
    tiles = [{"kpi_id": each["id"], "periods": 7} for each in kpis]
    answer = await api.post("/v1/dashboards", json={"name": f"*Growth* {uuid4()}", "tiles": tiles})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_digest_tells_of_moves_targets_alerts_insights_and_verdicts(api, context, make_kpi, story, made):
    kpi = await make_kpi(aggregation="average", name=f"Activation {uuid4()}", unit="%")
    other = await make_kpi(name="Elsewhere")
    await story.measure(kpi, effect=-8.0)
    feature_id = await story.ship(kpi)
    await story.look()
    far = {"kpi_id": kpi["id"], "name": "Hundred", "value": 100, "starts_on": "2026-03-01", "due_on": "2026-06-30"}
    target = (await api.post("/v1/targets", json=far)).json()
    low = {"type": "fixed", "comparison": "below", "value": 47}
    await api.post("/v1/alert-rules", json={"kpi_id": kpi["id"], "name": "Low", "condition": low})
    await context.feed.head()
    await look_at_rules(context)
    board = await dashboard(api, kpi)
    digest = await made(board)
    content = digest["content"]
    (tile,) = content["tiles"]
    assert (tile["kpi_id"], tile["latest"]["starts_at"]) == (kpi["id"], "2026-05-31T00:00:00Z")
    assert [(each["target_id"], each["status"]) for each in content["targets"]] == [(target["id"], "off_track")]
    assert [(each["rule"], each["state"]) for each in content["alerts"]] == [("Low", "open")]
    assert {"outcome_worse", "target_at_risk"} <= {each["kind"] for each in content["insights"]}
    assert [(each["feature_id"], each["verdict"]) for each in content["verdicts"]] == [(str(feature_id), "worse")]
    assert other["id"] not in str(content)
    assert (digest["begins_at"], digest["ends_at"], digest["is_scheduled"]) == (
        (NOW - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        False,
    )
    for part in ("How the KPIs moved", "On the way to targets", "Open alerts", "What launches did"):
        assert f"## {part}" in digest["text"]
    assert digest["text"].startswith("# \\*Growth\\*")
    (event,) = await story.events(digest["id"])
    assert (event.type, event.data["outcome_ids"]) == ("digest.made", [content["verdicts"][0]["outcome_id"]])
    assert "name" not in event.data


async def test_a_digest_stays_as_it_was_told(api, make_kpi, made):
    kpi = await make_kpi()
    body = {"kpi_id": kpi["id"], "value": 5, "measured_at": (NOW - timedelta(days=1)).isoformat()}
    await api.post("/v1/measurements", json=body)
    board = await dashboard(api, kpi)
    first = await made(board)
    await api.post("/v1/measurements", json=body | {"value": 3})
    await api.patch(f"/v1/dashboards/{board['id']}", json={"name": str(uuid4())}, headers={"If-Match": board["etag"]})
    second = await made(board)
    assert (first["content"]["tiles"][0]["latest"]["value"], second["content"]["tiles"][0]["latest"]["value"]) == (5, 8)
    listed = (await api.get(f"/v1/dashboards/{board['id']}/digests")).json()["items"]
    assert listed == [second, first]


async def test_what_is_not_there_has_no_digest(api, make_kpi, made):
    board, other = await dashboard(api), await dashboard(api)
    digest = await made(board)
    assert "There is no KPI on this dashboard." in digest["text"]
    assert (await api.get(f"/v1/dashboards/{other['id']}/digests/{digest['id']}")).status_code == 404
    assert (await api.post(f"/v1/dashboards/{uuid4()}/digests")).status_code == 404
