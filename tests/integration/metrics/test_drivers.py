"""What moved a KPI, from measurements by channel."""

from datetime import timedelta

import pytest

from tests.integration.metrics.conftest import NOW

WINDOW = {"dimension": "channel", "from": (NOW - timedelta(days=10)).isoformat(), "to": NOW.isoformat()}


async def measured(api, kpi, *, days_ago, value, **more):
    channel = more.pop("channel", None)
    body = {"kpi_id": kpi["id"], "value": value, "measured_at": (NOW - timedelta(days=days_ago)).isoformat()} | more
    answer = await api.post("/v1/measurements", json=body | ({"dimensions": {"channel": channel}} if channel else {}))
    assert answer.status_code == 201, answer.text


async def drivers(api, kpi, **parameters):
    answer = await api.get(f"/v1/kpis/{kpi['id']}/drivers", params=WINDOW | parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_sum_is_moved_by_what_its_parts_were_moved(api, make_kpi):
    kpi = await make_kpi(dimensions=["channel"])
    for days_ago, channel, value in [(15, "web", 10), (15, "store", 5), (5, "web", 4), (5, "store", 8), (6, None, 2)]:
        await measured(api, kpi, days_ago=days_ago, value=value, channel=channel)
    await measured(api, kpi, days_ago=40, value=99, channel="web")
    told = await drivers(api, kpi)
    assert (told["before"], told["after"], told["change"]) == (15, 14, -1)
    parts = [(each["value"], each["before"], each["after"], each["contribution"]) for each in told["drivers"]]
    assert parts == [("web", 10, 4, -6), ("store", 5, 8, 3), (None, 0, 2, 2)]


async def test_a_mean_is_told_by_mix_and_rate(api, make_kpi):
    kpi = await make_kpi(aggregation="ratio", dimensions=["channel"])
    rows = [(15, "new", 10, 100), (15, "old", 450, 900), (5, "new", 108, 900), (5, "old", 52, 100)]
    for days_ago, channel, value, denominator in rows:
        await measured(api, kpi, days_ago=days_ago, value=value, denominator=denominator, channel=channel)
    told = await drivers(api, kpi)
    assert (told["before"], told["after"], told["change"]) == (0.46, 0.16, -0.3)
    assert all(each["rate"] > 0 > each["mix"] for each in told["drivers"])
    assert sum(each["contribution"] for each in told["drivers"]) == pytest.approx(-0.3, abs=1e-12)


async def test_a_ratio_of_two_kpis_is_taken_apart_likewise(api, make_kpi):
    orders, visits = [await make_kpi(dimensions=["channel"]) for _ in range(2)]
    calculation = {"kind": "ratio", "numerator_kpi_id": orders["id"], "denominator_kpi_id": visits["id"], "factor": 100}
    rate = await make_kpi(aggregation=None, calculation=calculation)
    for days_ago, channel, ordered, visited in [(15, "web", 10, 100), (5, "web", 30, 100), (5, "store", 5, 100)]:
        await measured(api, orders, days_ago=days_ago, value=ordered, channel=channel)
        await measured(api, visits, days_ago=days_ago, value=visited, channel=channel)
    told = await drivers(api, rate)
    assert (told["before"], told["after"], told["change"]) == (10, 17.5, 7.5)
    assert sum(each["contribution"] for each in told["drivers"]) == 7.5


async def test_without_a_dimension_the_first_is_taken_and_without_any_there_is_one_part(api, make_kpi):
    first, none = await make_kpi(dimensions=["channel", "country"]), await make_kpi()
    for kpi in (first, none):
        await measured(api, kpi, days_ago=5, value=3, channel="web")
    told = [(await api.get(f"/v1/kpis/{kpi['id']}/drivers")).json() for kpi in (first, none)]
    assert [each["dimension"] for each in told] == ["channel", None]
    assert [[(part["value"], part["contribution"]) for part in each["drivers"]] for each in told] == [
        [("web", 3)],
        [(None, 3)],
    ]


async def test_without_anything_before_a_mean_has_no_change(api, make_kpi):
    kpi = await make_kpi(aggregation="average", dimensions=["channel"])
    await measured(api, kpi, days_ago=5, value=3, channel="web")
    told = await drivers(api, kpi)
    assert (told["change"], told["drivers"]) == (None, [])


@pytest.mark.parametrize(
    ("aggregation", "parameters", "code"),
    [
        ("max", {}, "kpi_not_divisible"),
        ("sum", {"dimension": "country"}, "invalid"),
        ("sum", {"from": NOW.isoformat(), "to": (NOW - timedelta(days=1)).isoformat()}, "invalid"),
    ],
)
async def test_what_cannot_be_taken_apart_is_refused(api, make_kpi, aggregation, parameters, code):
    kpi = await make_kpi(aggregation=aggregation, dimensions=["channel"])
    answer = await api.get(f"/v1/kpis/{kpi['id']}/drivers", params=WINDOW | parameters)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
