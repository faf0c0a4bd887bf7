"""What is kept beside the rows: parts, sketches and months, and that counting again never differs."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.rebuilding import rebuild
from services.metrics.measurements.retention import turn_the_months
from services.metrics.measurements.sketching import sketch_day, sketch_dirty_days
from services.metrics.measurements.tasks import rebuild_after_change
from tests.integration.metrics.conftest import NOW
from tests.integration.metrics.test_measurements import bulk, difference_from_raw, figures, point, retract, sent

MAY = {"from": "2026-05-01T00:00:00Z", "to": "2026-05-03T00:00:00Z"}
PLANS = ("free", "pro")


async def series(api, kpi, **query):
    answer = await api.get(f"/v1/kpis/{kpi['id']}/series", params=MAY | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def values(points):
    return [each["value"] for each in points]


async def test_a_series_is_broken_down_and_filtered(api, make_kpi):
    kpi = await make_kpi(dimensions=["plan", "country"], empty="zero")
    said = [("pro", "DE", 1), ("pro", "FR", 2), ("free", "DE", 4)]
    await bulk(api, [point(kpi, value, dimensions={"plan": plan, "country": where}) for plan, where, value in said])
    told = await series(api, kpi, dimension="plan")
    assert values(told["points"]) == [7, 0]
    assert {each["value"]: values(each["points"]) for each in told["parts"]} == {"pro": [3, 0], "free": [4, 0]}
    assert values((await series(api, kpi, filter="plan:pro"))["points"]) == [3, 0]
    assert values((await series(api, kpi, filter=["plan:pro", "country:DE"]))["points"]) == [1, 0]
    assert values((await series(api, kpi, filter="plan:pro", time_zone="Asia/Tokyo"))["points"])[0] == 3
    crossed = await series(api, kpi, filter="country:DE", dimension="plan")
    assert {each["value"]: values(each["points"]) for each in crossed["parts"]} == {"pro": [1, 0], "free": [4, 0]}


async def test_what_is_worked_out_is_broken_down_by_what_all_its_inputs_declare(api, make_kpi):
    paid, visits = [await make_kpi(dimensions=["plan"]) for _ in range(2)]
    for kpi, value in ((paid, 1), (visits, 4)):
        await bulk(
            api,
            [point(kpi, value * factor, dimensions={"plan": plan}) for plan, factor in zip(PLANS, (1, 2), strict=True)],
        )
    ratio = {"kind": "ratio", "numerator_kpi_id": paid["id"], "denominator_kpi_id": visits["id"]}
    kpi = await make_kpi(aggregation=None, calculation=ratio)
    told = await series(api, kpi, dimension="plan")
    assert {each["value"]: each["points"][0]["value"] for each in told["parts"]} == {"free": 0.25, "pro": 0.25}


@pytest.mark.parametrize("query", [{"dimension": "city"}, {"filter": "city:Rome"}, {"filter": "nothing"}])
async def test_what_was_not_declared_cannot_be_asked_for(api, make_kpi, query):
    kpi = await make_kpi(dimensions=["plan"])
    answer = await api.get(f"/v1/kpis/{kpi['id']}/series", params=query)
    assert answer.status_code == 422


@pytest.mark.parametrize("is_sketched", [False, True])
async def test_subjects_are_counted_once_each(api, context, make_kpi, is_sketched):
    kpi = await make_kpi(aggregation="distinct", dimensions=["plan"])
    days = {"2026-05-01T08:00:00Z": ["a", "b", "a"], "2026-05-02T08:00:00Z": ["b", "c", "d"]}
    rows = [
        point(kpi, 1, at, subject=who, dimensions={"plan": "pro" if who == "b" else "free"})
        for at, subjects in days.items()
        for who in subjects
    ]
    await bulk(api, rows)
    if is_sketched:
        await sketch_dirty_days(context)
    told = await series(api, kpi)
    assert (values(told["points"]), told["is_exact"], told["method"]) == ([2, 3], False, "hyperloglog")
    assert told["error_bound"] <= 0.03
    assert told["stale_days"] == 0
    assert (await series(api, kpi, grain="month"))["points"][0]["value"] == 4
    assert values((await series(api, kpi, filter="plan:free"))["points"]) == [1, 2]
    exact = await series(api, kpi, grain="month", time_zone="Asia/Tokyo")
    assert (exact["points"][0]["value"], exact["is_exact"]) == (4, True)


async def test_who_comes_second_to_a_day_leaves_what_was_sketched(api, context, make_kpi, workspace):
    made = await make_kpi(aggregation="distinct")
    await bulk(api, [point(made, 1, subject="ada")])
    await sketch_dirty_days(context)
    written = text("SELECT day, xmin::text FROM sketch WHERE kpi_id = :kpi_id")
    async with context.database.session(workspace_id=workspace) as session:
        (before,) = (await session.execute(written, {"kpi_id": made["id"]})).all()
        kpi = await KpiRepository(session).get(UUID(made["id"]))
    await sketch_day(context, kpi, before.day, marks=1)
    async with context.database.session(workspace_id=workspace) as session:
        (after,) = (await session.execute(written, {"kpi_id": made["id"]})).all()
    assert after == before


async def test_percentiles_keep_within_their_bound(api, context, make_kpi):
    kpi = await make_kpi(aggregation="percentile", percentile=90)
    await bulk(api, [point(kpi, value, "2026-05-01T08:00:00Z") for value in range(1, 1001)])
    await sketch_dirty_days(context)
    told = await series(api, kpi)
    assert told["method"] == "ddsketch"
    assert told["points"][0]["value"] == pytest.approx(900, rel=told["error_bound"] + 0.002)
    exact = await series(api, kpi, grain="hour", to="2026-05-02T00:00:00Z")
    assert (exact["points"][8]["value"], exact["is_exact"]) == (900, True)


async def test_a_correction_counts_and_what_was_known_before_can_still_be_asked_for(api, context, make_kpi):
    kpi = await make_kpi(dimensions=["plan"])
    rows = [point(kpi, 10, dedupe_key="a", dimensions={"plan": "pro"}), point(kpi, 1, dimensions={"plan": "pro"})]
    wrong, other = await bulk(api, rows)
    before = context.clock.now()
    context.clock.advance(timedelta(hours=1))
    path = f"/v1/measurements/{wrong['id']}"
    corrected = await api.patch(path, json={"value": 5, "reason": "Counted twice."}, headers={"If-Match": '"1"'})
    assert (corrected.status_code, corrected.json()["version"], corrected.headers["etag"]) == (200, 2, '"2"')
    context.clock.advance(timedelta(hours=1))
    assert (await retract(api, other["id"])).status_code == 204
    assert values((await series(api, kpi))["points"])[0] == 5
    assert values((await series(api, kpi, filter="plan:pro"))["points"])[0] == 5
    then = {"as_of": (before + timedelta(minutes=1)).isoformat()}
    assert values((await series(api, kpi, **then))["points"])[0] == 11
    between = {"as_of": (before + timedelta(minutes=61)).isoformat()}
    assert values((await series(api, kpi, **between))["points"])[0] == 6
    kept = (await api.get("/v1/measurement-revisions", params={"kpi_id": kpi["id"]})).json()["items"]
    assert [(each["value"], each["is_retraction"], each["reason"]) for each in kept] == [
        (1, True, "Taken back."),
        (10, False, "Counted twice."),
    ]


ROLLED_UP = """
SELECT kpi_id, dimension, part, day, measurements, total, weight, least, greatest, last_at, last_id, last_value
FROM dimension_rollup WHERE kpi_id = $1
"""
COUNTED_AGAIN = """
SELECT kpi_id, said.key, said.value, (measured_at AT TIME ZONE 'Asia/Kathmandu')::date, count(*), sum(m.value),
       sum(weight), min(m.value), max(m.value), max(measured_at),
       (array_agg(id ORDER BY measured_at DESC, id DESC))[1],
       (array_agg(m.value ORDER BY measured_at DESC, id DESC))[1]
FROM measurement AS m, jsonb_each_text(dimensions) AS said WHERE kpi_id = $1 AND said.key = 'plan' GROUP BY 1, 2, 3, 4
"""


async def fetch(database, query, *parameters):
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return await connection.fetch(query, *parameters)
    finally:
        await connection.close()


async def difference_in_parts(database, kpi):
    query = f"(({ROLLED_UP}) EXCEPT ({COUNTED_AGAIN})) UNION ALL (({COUNTED_AGAIN}) EXCEPT ({ROLLED_UP}))"
    return await fetch(database, query, UUID(kpi["id"]))


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(st.lists(sent, min_size=1, max_size=6), min_size=1, max_size=4), chance=st.randoms())
async def test_adding_up_again_changes_nothing(api, context, make_kpi, database, *, batches, chance):
    """Late, sent twice, corrected, taken back and sent again: cells, parts and sketches are what the rows say."""
    kpi = await make_kpi(aggregation="distinct", dimensions=["plan"], time_zone="Asia/Kathmandu")
    for batch in batches:
        rows = [point(kpi, value, at.isoformat(), dedupe_key=str(key)) | said(value, key) for value, at, key in batch]
        held = sorted({line["id"] for line in await bulk(api, rows) if line["status"] in {200, 201}})
        for measurement_id in chance.sample(held, len(held) // 3):
            assert (await retract(api, measurement_id)).status_code in {204, 412}
        for measurement_id in chance.sample(held, len(held) // 3):
            body = {"value": chance.randint(-9, 9), "reason": "Second thoughts."}
            path = f"/v1/measurements/{measurement_id}"
            assert (await api.patch(path, json=body, headers={"If-Match": "*"})).status_code in {200, 404}
        if chance.random() < 0.5:
            await sketch_dirty_days(context)
    assert await difference_from_raw(database) == []
    assert await difference_in_parts(database, kpi) == []
    span = {"from": (NOW - timedelta(days=45)).isoformat(), "to": NOW.isoformat()}
    told = await figures(api, kpi, **span)
    async with context.database.transaction(workspace_id=await workspace_of(database, kpi)) as session:
        await rebuild(session, UUID(kpi["id"]), now=NOW)
    await sketch_dirty_days(context)
    assert await difference_from_raw(database) == []
    assert await difference_in_parts(database, kpi) == []
    assert await figures(api, kpi, **span) == told


def said(value, key):
    return {"subject": str(value % 5), "dimensions": {"plan": PLANS[key % 2]}}


async def workspace_of(database, kpi):
    (row,) = await fetch(database, "SELECT workspace_id FROM kpi WHERE id = $1", UUID(kpi["id"]))
    return row["workspace_id"]


async def test_a_dimension_that_is_declared_later_is_added_up_from_the_beginning(api, context, make_kpi, workspace):
    kpi = await make_kpi()
    await bulk(api, [point(kpi, 3, dimensions={"plan": "pro"})])
    changed = await api.patch(f"/v1/kpis/{kpi['id']}", json={"dimensions": ["plan"]}, headers={"If-Match": "*"})
    assert changed.json()["dimensions"] == ["plan"]
    await rebuild_after_change(context, workspace_id=str(workspace), kpi_id=kpi["id"])
    assert [each["value"] for each in (await series(api, kpi, dimension="plan"))["parts"]] == ["pro"]


async def test_rows_age_by_the_month_and_what_they_added_up_to_stays(api, context, make_kpi, database, monkeypatch):
    kpi = await make_kpi()
    months = ["2026-02-27T10:00:00Z", "2026-03-01T10:00:00Z", "1999-01-01T00:00:00Z"]
    old, kept, _ = await bulk(api, [point(kpi, 1, at, dedupe_key=at) for at in months])
    monkeypatch.setattr(context.settings, "measurement_days", 90)
    assert await turn_the_months(context) >= 1
    assert (await api.get(f"/v1/measurements/{old['id']}")).status_code == 404
    assert (await api.get(f"/v1/measurements/{kept['id']}")).status_code == 200
    assert (await figures(api, kpi, **{"from": "2026-02-01T00:00:00Z", "grain": "month"}))["2026-02-01T00:00:00Z"] == 1
    (late,) = await bulk(api, [point(kpi, 1, months[0], dedupe_key=months[0])])
    assert (late["status"], late["problem"]["errors"][0]["code"]) == (422, "too_old")
    async with context.database.transaction(workspace_id=await workspace_of(database, kpi)) as session:
        await rebuild(session, UUID(kpi["id"]), now=NOW)
    assert (await figures(api, kpi, **{"from": "2026-02-01T00:00:00Z", "grain": "month"}))["2026-02-01T00:00:00Z"] == 1
    names = await fetch(database, "SELECT inhrelid::regclass::text AS name FROM pg_inherits")
    assert "measurement_202602" not in {row["name"] for row in names}
