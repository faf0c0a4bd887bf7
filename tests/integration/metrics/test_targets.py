from uuid import uuid4

import pytest

from services.metrics.outcomes.neighbours import TargetSnapshot

TARGET = {"name": "Half of all", "value": 60, "baseline": 50, "starts_on": "2026-03-01", "due_on": "2026-07-31"}


@pytest.fixture
def set_target(api):
    async def make(kpi, **differing):
        answer = await api.post("/v1/targets", json=TARGET | {"kpi_id": kpi["id"]} | differing)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make


async def attainment(api, target):
    return (await api.get(f"/v1/targets/{target['id']}/attainment")).json()


async def test_a_target_that_the_kpi_has_passed_is_reached(api, story, make_kpi, set_target):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi, effect=20)
    judged = await attainment(api, await set_target(kpi))
    assert judged["status"] == "reached"
    assert judged["progress"] > 1.5
    assert judged["probability"] > 0.9
    assert 0.55 < judged["pace"] < 0.65


async def test_a_target_out_of_reach_is_off_track(api, story, make_kpi, set_target):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    judged = await attainment(api, await set_target(kpi, value=90, baseline=None))
    assert (judged["status"], judged["probability"]) == ("off_track", 0)


async def test_a_target_with_a_band_is_reached_within_it_and_not_beyond(api, story, make_kpi, set_target):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    wide, low = {"low": 44, "high": 56}, {"low": 35, "high": 42}
    within = await set_target(kpi, value=50, band=wide, baseline=30)
    beyond = await set_target(kpi, value=40, band=low, baseline=62)
    assert (within["band"], (await api.get(f"/v1/targets/{within['id']}")).json()) == (wide, within)
    judged = await attainment(api, within)
    assert (judged["status"], judged["progress"]) == ("reached", 1)
    missed = await attainment(api, beyond)
    assert (missed["status"], missed["progress"]) == ("off_track", pytest.approx(0.6, abs=0.05))
    tiles = [{"kpi_id": kpi["id"], "periods": 7, "target_id": each["id"]} for each in (within, beyond)]
    board = (await api.post("/v1/dashboards", json={"name": str(uuid4()), "tiles": tiles})).json()
    told = (await api.get(f"/v1/dashboards/{board['id']}/state")).json()["tiles"]
    assert [each["target"]["band"] for each in told] == [wide, low]
    assert [each["target"]["standing"] == "reached" for each in told] == [True, False]
    chart = f"/v1/kpis/{kpi['id']}/chart?from=2026-03-01T00:00:00Z&to=2026-06-01T00:00:00Z"
    assert "50 (44 to 56)" in (await api.get(f"{chart}&format=svg")).text
    vega = (await api.get(f"{chart}&format=vega_lite")).json()
    strips = [each for each in vega["layer"] if each["encoding"].get("y2", {}).get("field") == "high"]
    assert {(row["low"], row["high"]) for each in strips for row in each["data"]["values"]} == {(44, 56), (35, 42)}


@pytest.mark.parametrize("band", [{"low": 61, "high": 70}, {"low": 70, "high": 50}, {"low": 50}])
async def test_a_band_that_its_value_is_not_in_is_refused(api, make_kpi, set_target, band):
    kpi = await make_kpi()
    assert (await api.post("/v1/targets", json=TARGET | {"kpi_id": kpi["id"], "band": band})).status_code == 422
    target = await set_target(kpi, band={"low": 58, "high": 62})
    path, etag = f"/v1/targets/{target['id']}", {"If-Match": target["etag"]}
    refused = await api.patch(path, json={"value": 63}, headers=etag)
    assert refused.json()["errors"][0]["pointer"] == "/band"
    changed = await api.patch(path, json={"band": None, "value": 63}, headers=etag)
    assert (changed.status_code, changed.json()["band"]) == (200, None)


async def test_what_was_due_and_not_reached_is_missed(api, story, make_kpi, set_target):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    judged = await attainment(api, await set_target(kpi, due_on="2026-05-20"))
    assert (judged["status"], judged["probability"]) == ("missed", 0)


async def test_without_measurements_nothing_is_known(api, make_kpi, set_target):
    assert (await attainment(api, await set_target(await make_kpi())))["status"] == "unknown"


async def test_a_target_changes_and_goes(api, make_kpi, set_target):
    target = await set_target(await make_kpi())
    path, etag = f"/v1/targets/{target['id']}", {"If-Match": target["etag"]}
    assert (await api.patch(path, json={"due_on": "2026-01-01"}, headers=etag)).status_code == 422
    changed = await api.patch(path, json={"value": 55}, headers=etag)
    assert (changed.json()["value"], changed.headers["etag"]) == (55, '"2"')
    assert (await api.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_a_target_needs_a_kpi_and_days_in_order(api, make_kpi):
    kpi = await make_kpi()
    stray = await api.post("/v1/targets", json=TARGET | {"kpi_id": str(uuid4())})
    assert stray.json()["errors"][0]["pointer"] == "/kpi_id"
    backwards = TARGET | {"kpi_id": kpi["id"], "due_on": "2026-02-01"}
    assert (await api.post("/v1/targets", json=backwards)).status_code == 422


async def test_the_snapshot_brings_every_target(context, workspace, make_kpi, set_target):
    kpi = await make_kpi()
    target = await set_target(kpi)
    async with context.database.session(workspace_id=workspace) as session:
        (brought,) = await TargetSnapshot().page(session, after=None, limit=5)
    assert (str(brought.subject_id), str(brought.data["kpi_id"])) == (target["id"], kpi["id"])


async def test_strangers_see_no_target(caller, make_kpi, set_target):
    target = await set_target(await make_kpi())
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/targets/{target['id']}")).status_code == 404
    assert (await stranger.get(f"/v1/targets/{target['id']}/attainment")).status_code == 404
    assert (await stranger.get("/v1/targets")).json()["items"] == []


async def test_a_forecast_begins_where_the_past_ends(api, story, make_kpi):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    told = (await api.get(f"/v1/kpis/{kpi['id']}/forecast?horizon=10")).json()
    assert told["points"][0]["starts_at"] == "2026-06-01T00:00:00Z"
    assert len(told["points"]) == 10
    assert all(point["low"] < point["value"] < point["high"] for point in told["points"])
    assert all(45 < point["value"] < 55 for point in told["points"])


async def test_without_a_past_there_is_no_forecast(api, make_kpi):
    kpi = await make_kpi()
    told = (await api.get(f"/v1/kpis/{kpi['id']}/forecast")).json()
    assert (told["method"], told["points"]) == (None, [])
