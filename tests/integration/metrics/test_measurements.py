import asyncio
import json
from datetime import UTC, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.metrics.domain.rollups import SKETCHED, Aggregation, Cell, Grain, bucket_start, combine
from tests.integration.metrics.conftest import NOW

BULK = {"Content-Type": "application/x-ndjson"}


def ndjson(points):
    return "\n".join(json.dumps(point) for point in points)


def point(kpi, value, at="2026-05-01T10:00:00Z", **more):
    return {"kpi_id": kpi["id"], "value": value, "measured_at": at} | more


async def bulk(api, points, query=""):
    answer = await api.post(f"/v1/measurements/bulk{query}", content=ndjson(points), headers=BULK)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def figures(api, kpi, **query):
    answer = await api.get(f"/v1/kpis/{kpi['id']}/series", params=query)
    assert answer.status_code == 200, answer.text
    return {each["starts_at"]: each["value"] for each in answer.json()["points"]}


async def test_a_measurement_is_kept_and_counted(api, make_kpi):
    kpi = await make_kpi()
    answer = await api.post("/v1/measurements", json=point(kpi, 2.5, dedupe_key="a", dimensions={"plan": "pro"}))
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/measurements/{answer.json()['id']}"
    assert (await api.get(answer.headers["location"])).json() == answer.json()
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 2.5


async def test_the_same_key_counts_once(api, make_kpi):
    kpi = await make_kpi()
    first, again = [(await api.post("/v1/measurements", json=point(kpi, 1, dedupe_key="a"))).json() for _ in range(2)]
    assert first == again
    other = await api.post("/v1/measurements", json=point(kpi, 2, dedupe_key="a"))
    assert (other.status_code, other.json()["code"]) == (409, "dedupe_key_taken")
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 1


async def test_lines_are_answered_in_their_places(api, make_kpi):
    kpi, strange = await make_kpi(), {"id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"}
    await api.post("/v1/measurements", json=point(kpi, 1, dedupe_key="known"))
    lines = await bulk(
        api,
        [
            point(kpi, 1, dedupe_key="new"),
            point(kpi, 1, dedupe_key="known"),
            point(kpi, 1, dedupe_key="new"),
            point(kpi, 9, dedupe_key="known"),
            point(strange, 1),
            {"kpi_id": kpi["id"]},
            point(kpi, True),
        ],
    )
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]
    assert [line["status"] for line in lines] == [201, 200, 200, 409, 422, 422, 422]
    assert lines[0]["id"] == lines[2]["id"]
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 2


async def test_all_or_nothing(api, make_kpi):
    kpi = await make_kpi()
    points = [point(kpi, 1), {"kpi_id": kpi["id"]}]
    answer = await api.post("/v1/measurements/bulk?atomic=true", content=ndjson(points), headers=BULK)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/2")
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] is None


async def test_the_same_bulk_under_one_idempotency_key_gets_the_same_lines(api, make_kpi):
    kpi = await make_kpi()
    body, headers = ndjson([point(kpi, 1)]), BULK | {"Idempotency-Key": "once"}
    first, second = [await api.post("/v1/measurements/bulk", content=body, headers=headers) for _ in range(2)]
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 1


async def test_sums_are_exact(api, make_kpi):
    kpi = await make_kpi()
    await bulk(api, [point(kpi, 0.1) for _ in range(30)])
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 3.0


@pytest.mark.parametrize(
    ("aggregation", "figure"),
    [("sum", 6), ("count", 3), ("average", 2), ("min", 1), ("max", 3), ("last", 3), ("ratio", 0.5)],
)
async def test_each_aggregation(api, make_kpi, aggregation, figure):
    kpi = await make_kpi(aggregation=aggregation)
    late_first = [("12:00", 3, 4), ("10:00", 1, 4), ("11:00", 2, 4)]
    for time, value, denominator in late_first:
        await bulk(api, [point(kpi, value, f"2026-05-01T{time}:00Z", denominator=denominator)])
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == figure


@pytest.mark.parametrize(("empty", "figure"), [("null", None), ("zero", 0), ("carry", 4)])
async def test_a_period_without_measurements_says_what_the_policy_says(api, make_kpi, empty, figure):
    kpi = await make_kpi(empty=empty)
    await bulk(api, [point(kpi, 4, "2026-01-10T00:00:00Z")])
    assert set((await figures(api, kpi, **{"from": "2026-05-01T00:00:00Z"})).values()) == {figure}


async def test_days_begin_where_the_kpi_lives(api, make_kpi):
    kpi = await make_kpi(time_zone="Asia/Kolkata")
    await bulk(api, [point(kpi, 1, "2026-05-01T18:29:59Z"), point(kpi, 10, "2026-05-01T18:30:00Z")])
    told = await figures(api, kpi)
    assert (told["2026-04-30T18:30:00Z"], told["2026-05-01T18:30:00Z"]) == (1, 10)
    assert (await figures(api, kpi, time_zone="UTC"))["2026-05-01T00:00:00Z"] == 11


async def test_periods_are_whole_and_limited(api, make_kpi):
    kpi = await make_kpi()
    told = await figures(api, kpi, **{"from": "2026-05-01T10:00:00Z", "to": "2026-05-03T00:00:00Z", "grain": "day"})
    assert list(told) == ["2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"]
    assert await figures(api, kpi, **{"from": "2026-05-03T00:00:00Z", "to": "2026-05-01T00:00:00Z"}) == {}
    too_many = await api.get(f"/v1/kpis/{kpi['id']}/series?grain=hour&from=2000-01-01T00:00:00Z")
    assert (too_many.status_code, too_many.json()["errors"][0]["code"]) == (422, "too_long")


MEASURED = [each for each in Aggregation if each not in {Aggregation.CALCULATED, *SKETCHED}]
moments = st.integers(0, 60 * 24 * 40).map(lambda minutes: NOW - timedelta(minutes=minutes))
sent = st.tuples(st.integers(-(10**6), 10**6), moments, st.integers(0, 30))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(sent, max_size=8), min_size=1, max_size=4),
    grain=st.sampled_from([Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH]),
    counted=st.tuples(st.sampled_from(MEASURED), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"])),
)
async def test_the_series_is_what_adding_up_by_hand_gives(api, make_kpi, batches, grain, counted):
    """Whatever is late, sent twice or sent in pieces: the answer is the pure floor's."""
    aggregation, zone = counted
    kpi = await make_kpi(aggregation=aggregation, time_zone=zone)
    held = {}
    for batch in batches:
        points = [point(kpi, value / 100, at.isoformat(), dedupe_key=str(key)) for value, at, key in batch]
        await bulk(api, points)
        for value, at, key in batch:
            held.setdefault(key, (Decimal(value) / 100, at, len(held)))
    expected = {}
    for value, at, sequence in held.values():
        start = bucket_start(at, grain, ZoneInfo(zone))
        expected.setdefault(start, []).append(Cell.of(value, at=at, sequence=sequence))
    since = (NOW - timedelta(days=45)).isoformat()
    told = await figures(api, kpi, grain=grain, **{"from": since, "to": (NOW + timedelta(days=1)).isoformat()})
    wanted = {start: combine(cells).value(aggregation) for start, cells in expected.items()}
    assert {at: value for at, value in told.items() if value is not None} == {
        start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"): pytest.approx(float(value))
        for start, value in wanted.items()
    }


ROLLED_UP = """
SELECT kpi_id, starts_at, measurements, total, weight, least, greatest, last_at, last_id, last_value FROM rollup
"""
COUNTED_AGAIN = """
SELECT kpi_id, date_bin('15 minutes', measured_at, '2000-01-01Z'), count(*), sum(value), sum(weight), min(value),
       max(value), max(measured_at), (array_agg(id ORDER BY measured_at DESC, id DESC))[1],
       (array_agg(value ORDER BY measured_at DESC, id DESC))[1]
FROM measurement GROUP BY 1, 2
"""


async def difference_from_raw(database):
    """Cells that are not what their rows add up to, in any workspace."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return await connection.fetch(
            f"(({ROLLED_UP}) EXCEPT ({COUNTED_AGAIN})) UNION ALL (({COUNTED_AGAIN}) EXCEPT ({ROLLED_UP}))"
        )
    finally:
        await connection.close()


async def retract(api, measurement_id):
    return await api.delete(f"/v1/measurements/{measurement_id}", headers={"If-Match": '"1"'})


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(st.lists(sent, min_size=1, max_size=6), min_size=1, max_size=4), taken_back=st.randoms())
async def test_what_is_added_up_is_what_counting_again_gives(api, make_kpi, database, batches, taken_back):
    """Late, sent twice, taken back and sent again: never a difference."""
    kpi = await make_kpi()
    for batch in batches:
        lines = await bulk(
            api, [point(kpi, value / 100, at.isoformat(), dedupe_key=str(key)) for value, at, key in batch]
        )
        held = sorted({line["id"] for line in lines if line["status"] in {200, 201}})
        for measurement_id in taken_back.sample(held, len(held) // 2):
            assert (await retract(api, measurement_id)).status_code == 204
        assert await difference_from_raw(database) == []


async def test_a_figure_is_corrected_by_taking_it_back_and_sending_it_right(api, make_kpi):
    kpi = await make_kpi(aggregation="max")
    wrong = (await api.post("/v1/measurements", json=point(kpi, 900, dedupe_key="a"))).json()
    await api.post("/v1/measurements", json=point(kpi, 5))
    assert (await retract(api, wrong["id"])).status_code == 204
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 5
    assert (await api.post("/v1/measurements", json=point(kpi, 9, dedupe_key="a"))).status_code == 201
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 9


async def test_taking_back_needs_the_right_one_and_happens_once(api, caller, make_kpi):
    held = (await api.post("/v1/measurements", json=point(await make_kpi(), 1))).json()
    path = f"/v1/measurements/{held['id']}"
    assert (await api.delete(path)).status_code == 428
    assert (await api.delete(path, headers={"If-Match": '"9"'})).status_code == 412
    assert (await retract(caller(workspace_id=uuid4()), held["id"])).status_code == 404
    assert [(await retract(api, held["id"])).status_code for _ in range(2)] == [204, 404]


async def test_writers_and_takers_back_at_once_leave_no_difference(api, make_kpi, database):
    kpi = await make_kpi()
    first = await bulk(api, [point(kpi, 1, dedupe_key=str(number)) for number in range(20)])
    more = [[point(kpi, 1, dedupe_key=f"{batch}-{number}") for number in range(20)] for batch in range(5)]
    await asyncio.gather(*(bulk(api, points) for points in more), *(retract(api, line["id"]) for line in first))
    assert await difference_from_raw(database) == []
    assert (await figures(api, kpi))["2026-05-01T00:00:00Z"] == 100


async def test_two_writers_with_the_same_rows_do_not_lock_each_other_out(api, make_kpi):
    kpi = await make_kpi()
    rows = [point(kpi, 1, (NOW - timedelta(hours=n)).isoformat(), dedupe_key=str(n)) for n in range(200)]
    answers = await asyncio.gather(*(bulk(api, batch) for batch in (rows, rows[::-1], rows[50:] + rows[:50])))
    assert sorted(line["status"] for lines in answers for line in lines) == [200] * 400 + [201] * 200
    told = await figures(api, kpi, grain="day")
    assert sum(value for value in told.values() if value) == 200


async def test_the_application_role_sees_nothing_without_a_workspace(api, make_kpi, database):
    kpi = await make_kpi()
    await bulk(api, [point(kpi, 1)])
    connection = await asyncpg.connect(database.app_url)
    try:
        for table in ("kpi", "kpi_version", "measurement", "rollup", "outcome", "outcome_evaluation"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await connection.close()
