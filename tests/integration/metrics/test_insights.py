from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.integration.metrics.conftest import NOW
from tests.integration.metrics.test_measurements import bulk, point


async def spoil(api, kpi, *, days_ago, value):
    """Another figure for one day: with the one that was there, the average goes far off."""
    at = (NOW - timedelta(days=days_ago)).isoformat()
    answer = await api.post("/v1/measurements", json={"kpi_id": kpi["id"], "value": value, "measured_at": at})
    assert answer.status_code == 201


async def test_a_day_out_of_line_is_found_with_what_was_expected(api, story, make_kpi):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    await spoil(api, kpi, days_ago=10, value=5)
    told = (await api.get(f"/v1/kpis/{kpi['id']}/anomalies?limit=6")).json()
    (anomaly,) = told["anomalies"]
    assert (anomaly["starts_at"], anomaly["kind"]) == ("2026-05-22T00:00:00Z", "dip")
    assert anomaly["is_good"] is False
    assert anomaly["value"] < anomaly["low"] < 50 < anomaly["high"]
    assert (await api.get(f"/v1/kpis/{kpi['id']}/anomalies?limit=20")).json()["anomalies"] == []


async def test_an_hour_unlike_all_before_is_found_by_the_hour(api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    hours = np.arange(24 * 35)
    values = 100 + 20 * np.sin(hours * 2 * np.pi / 24) + np.random.default_rng(1).normal(0, 2, len(hours))
    values[700] = 300
    begin = NOW - timedelta(hours=len(hours))
    measured = [(begin + timedelta(hours=int(hour))).isoformat() for hour in hours]
    await bulk(api, [point(kpi, float(value), at) for value, at in zip(values, measured, strict=True)])

    anomalies = f"/v1/kpis/{kpi['id']}/anomalies"
    told = (await api.get(f"{anomalies}?grain=hour")).json()
    assert (told["method"], told["grain"], told["limit"], told["periods"]) == ("novelty", "hour", 3.8, len(hours))
    (spike,) = [each for each in told["anomalies"] if each["value"] == 300]
    assert datetime.fromisoformat(spike["starts_at"]) == begin + timedelta(hours=700)
    assert (spike["kind"], spike["is_good"]) == ("spike", True)
    by_day = (await api.get(f"{anomalies}?method=novelty")).json()
    assert (by_day["method"], by_day["grain"], by_day["anomalies"]) == ("novelty", "day", [])
    refused = await api.get(f"{anomalies}?grain=year&method=guess")
    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json()["errors"]} == {"query/grain", "query/method"}


async def test_the_day_on_which_a_kpi_took_a_new_level(api, story, make_kpi):
    kpi, calm = [await make_kpi(aggregation="average") for _ in range(2)]
    await story.measure(kpi, effect=-6)
    await story.measure(calm)
    told = (await api.get(f"/v1/kpis/{kpi['id']}/change-points")).json()
    (found,) = told["change_points"]
    began = datetime.fromisoformat(found["starts_at"])
    assert abs(began - story.launch) <= timedelta(days=2)
    assert found["is_good"] is False
    assert found["after"] - found["before"] == pytest.approx(-6, abs=1)
    assert (await api.get(f"/v1/kpis/{calm['id']}/change-points")).json()["change_points"] == []


async def test_what_deserves_attention_comes_gravest_first(api, story, make_kpi):
    harmed, odd, calm = [await make_kpi(aggregation="average") for _ in range(3)]
    await story.measure(harmed, effect=-6)
    await story.measure(odd)
    await story.measure(calm)
    await spoil(api, odd, days_ago=2, value=5)
    await story.ship(harmed)
    await story.look()
    target = {"kpi_id": calm["id"], "name": "Double", "value": 100, "starts_on": "2026-03-01", "due_on": "2026-06-30"}
    target_id = (await api.post("/v1/targets", json=target)).json()["id"]
    told = (await api.get("/v1/insights")).json()
    severities = [each["severity"] for each in told["insights"]]
    assert severities == sorted(severities, reverse=True)
    kinds = {(each["kind"], each["kpi_id"]) for each in told["insights"]}
    assert {("outcome_worse", harmed["id"]), ("anomaly", odd["id"]), ("target_at_risk", calm["id"])} <= kinds
    (late,) = [each for each in told["insights"] if each["kind"] == "target_at_risk"]
    assert {"type": "target", "id": target_id} in late["evidence"]


async def test_promises_that_never_come_true_are_told(api, story, make_kpi):
    for _ in range(3):
        kpi = await make_kpi(aggregation="average")
        await story.measure(kpi, effect=1)
        await story.ship(kpi, low=8, likely=10, high=12)
    await story.look()
    (insight,) = [each for each in (await api.get("/v1/insights")).json()["insights"] if each["kpi_id"] is None]
    assert insight["kind"] == "promises_too_high"
    assert len(insight["evidence"]) == 3
    assert insight["facts"]["realised"] < 0.3


async def test_a_kpi_that_fell_silent_is_told(api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    for day in range(40, 60):
        await spoil(api, kpi, days_ago=day, value=50)
    told = (await api.get("/v1/insights?limit=5")).json()["insights"]
    assert [(each["kind"], each["kpi_id"]) for each in told] == [("kpi_silent", kpi["id"])]


async def test_an_empty_workspace_deserves_no_attention(api):
    assert (await api.get("/v1/insights")).json()["insights"] == []
