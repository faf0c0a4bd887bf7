"""Alerts, from the rule to the event."""

from datetime import timedelta

import pytest

from services.chassis.clock import FixedClock
from services.metrics.alerts.watch import look_at_rules
from tests.integration.metrics.conftest import NOW


@pytest.fixture
def look(context):
    """The service looks at what is due, `after` so long."""

    async def looking(after=timedelta(0)):
        usual, context.clock = context.clock, FixedClock(NOW + after)
        try:
            await context.feed.head()
            return await look_at_rules(context)
        finally:
            context.clock = usual

    return looking


NOBODYS = "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"


async def measured(api, kpi, *values, days_ago):
    """One figure a day, the last of them `days_ago`."""
    for place, value in enumerate(values):
        at = NOW - timedelta(days=days_ago + len(values) - 1 - place)
        body = {"kpi_id": kpi["id"], "value": value, "measured_at": at.isoformat(), "dedupe_key": f"{at:%F}"}
        answer = await api.post("/v1/measurements", json=body)
        assert answer.status_code == 201


async def rule_on(api, kpi, **differing):
    low = {"type": "fixed", "comparison": "below", "value": 40}
    body = {"kpi_id": kpi["id"], "name": "Low", "condition": low} | differing
    answer = await api.post("/v1/alert-rules", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def alerts(api, **filters):
    return (await api.get("/v1/alerts", params=filters)).json()["items"]


async def test_an_alert_is_raised_once_and_over_with_its_condition(api, make_kpi, look, story):
    kpi = await make_kpi(aggregation="average")
    await measured(api, kpi, 50, 39, 38, days_ago=2)
    rule = await rule_on(api, kpi, periods=2)
    await look()
    (alert,) = await alerts(api, state="open")
    assert (alert["period_starts_at"], alert["value"]) == ("2026-05-30T00:00:00Z", 38)
    assert alert["facts"]["condition"] == rule["condition"]
    await measured(api, kpi, 37, days_ago=1)
    assert await look(timedelta(hours=2)) == 1
    assert [each["id"] for each in await alerts(api)] == [alert["id"]]
    await measured(api, kpi, 60, days_ago=0)
    await look(timedelta(days=1, hours=3))
    (over,) = await alerts(api)
    assert (over["state"], over["id"]) == ("resolved", alert["id"])
    assert [each.type for each in await story.events(alert["id"])] == ["alert.raised", "alert.resolved"]
    assert (await api.get(f"/v1/alert-rules/{rule['id']}")).json()["etag"] == rule["etag"]


async def test_only_rules_with_something_new_are_looked_at(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average")
    await rule_on(api, kpi)
    assert await look() == 1
    assert await look(timedelta(minutes=5)) == 0
    assert await look(timedelta(hours=2)) == 1


async def test_nobody_is_called_in_quiet_hours_but_after_them(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average", time_zone="Europe/Berlin")
    await measured(api, kpi, 39, days_ago=1)
    await rule_on(api, kpi, quiet_hours={"begins": "13:30", "ends": "15:00"})
    await look()  # 12:00 UTC is 14:00 in Berlin
    assert await alerts(api) == []
    await look(timedelta(hours=1))
    assert len(await alerts(api)) == 1


async def test_acknowledging_keeps_who_did_so(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average")
    await measured(api, kpi, 39, days_ago=1)
    await rule_on(api, kpi)
    await look()
    (alert,) = await alerts(api)
    seen = (await api.post(f"/v1/alerts/{alert['id']}/acknowledge")).json()
    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", "key:test")
    assert (await api.post(f"/v1/alerts/{alert['id']}/acknowledge")).json()["etag"] == seen["etag"]
    await look(timedelta(hours=2))
    assert [each["state"] for each in await alerts(api)] == ["acknowledged"]


async def test_a_test_alert_is_marked_and_over_at_the_next_look(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average")
    rule = await rule_on(api, kpi)
    answer = await api.post(f"/v1/alert-rules/{rule['id']}/test")
    assert answer.status_code == 201
    assert (await api.get(answer.headers["Location"])).json()["is_test"] is True
    await look()
    (alert,) = await alerts(api)
    assert alert["state"] == "resolved"
    gone = await api.post(f"/v1/alerts/{alert['id']}/acknowledge")
    assert (gone.status_code, gone.json()["code"]) == (409, "alert_resolved")


async def test_late_data_does_not_call_twice_for_the_same_days(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average")
    await measured(api, kpi, 39, days_ago=1)
    await rule_on(api, kpi)
    await look()
    better = {"kpi_id": kpi["id"], "value": 100, "measured_at": (NOW - timedelta(days=1)).isoformat()}
    late = (await api.post("/v1/measurements", json=better)).json()
    await look(timedelta(hours=2))
    assert [each["state"] for each in await alerts(api)] == ["resolved"]
    await api.delete(f"/v1/measurements/{late['id']}", headers={"If-Match": late["etag"]})
    await look(timedelta(hours=4))
    assert [each["state"] for each in await alerts(api)] == ["resolved"]


@pytest.mark.parametrize(
    "condition",
    [
        {"type": "change", "direction": "fall", "percent": 20},
        {"type": "change", "percent": 20, "compared_to": "last_season"},
        {"type": "band"},
        {"type": "anomaly"},
    ],
)
async def test_every_kind_of_condition_calls(api, make_kpi, look, condition):
    kpi = await make_kpi(aggregation="average", direction="band", band={"low": 40, "high": 60})
    await measured(api, kpi, *([50, 50.5, 49.5, 50.2] * 15), days_ago=2)
    await rule_on(api, kpi, condition=condition)
    await look()
    assert await alerts(api) == []
    await measured(api, kpi, 30, days_ago=1)
    await look(timedelta(hours=2))
    assert [each["value"] for each in await alerts(api)] == [30]


async def test_a_target_that_goes_off_track_calls(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average")
    await measured(api, kpi, *([50, 50.5, 49.5, 50.2] * 15), days_ago=1)
    far = {"kpi_id": kpi["id"], "name": "Double", "value": 100, "starts_on": "2026-03-01", "due_on": "2026-06-30"}
    target = (await api.post("/v1/targets", json=far)).json()
    await rule_on(api, kpi, condition={"type": "off_track", "target_id": target["id"]})
    await look()
    (alert,) = await alerts(api)
    assert alert["value"] < 0.3
    await api.delete(f"/v1/targets/{target['id']}", headers={"If-Match": target["etag"]})
    await look(timedelta(hours=2))
    assert [each["state"] for each in await alerts(api)] == ["resolved"]


@pytest.mark.parametrize(
    ("differing", "pointer"),
    [
        ({"condition": {"type": "band"}}, "/condition/type"),
        ({"condition": {"type": "off_track", "target_id": NOBODYS}}, "/condition/target_id"),
        ({"condition": {"type": "fixed", "comparison": "below"}}, "/condition/fixed/value"),
        ({"condition": {"type": "mood"}}, "/condition"),
        ({"periods": 0}, "/periods"),
        ({"quiet_hours": {"begins": "25:00", "ends": "07:00"}}, "/quiet_hours/begins"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(api, make_kpi, differing, pointer):
    kpi = await make_kpi(aggregation="average")
    low = {"type": "fixed", "comparison": "below", "value": 40}
    answer = await api.post("/v1/alert-rules", json={"kpi_id": kpi["id"], "name": "No", "condition": low} | differing)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_rule_can_be_changed_and_removed(api, make_kpi, look):
    kpi = await make_kpi(aggregation="average")
    await measured(api, kpi, 39, days_ago=1)
    rule = await rule_on(api, kpi, is_enabled=False, quiet_hours={"begins": "22:00", "ends": "07:00"})
    assert await look() == 0
    address, match = f"/v1/alert-rules/{rule['id']}", {"If-Match": rule["etag"]}
    changed = (await api.patch(address, json={"is_enabled": True, "quiet_hours": None}, headers=match)).json()
    assert (changed["is_enabled"], changed["quiet_hours"]) == (True, None)
    assert await look() == 1
    assert len(await alerts(api, alert_rule_id=rule["id"])) == 1
    assert (await api.delete(address, headers=match)).status_code == 412
    assert (await api.delete(address, headers={"If-Match": changed["etag"]})).status_code == 204
    assert await alerts(api) == []
