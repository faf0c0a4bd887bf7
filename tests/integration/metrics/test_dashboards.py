"""Dashboards: what they are made of, and where every KPI on them stands."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from tests.integration.metrics.conftest import NOW

NOBODYS = "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"


async def measured(api, kpi, days, **more):
    """One figure for each of the days, by how many days ago it was."""
    for ago, value in days.items():
        at = NOW - timedelta(days=ago)
        body = {"kpi_id": kpi["id"], "value": value, "measured_at": at.isoformat()} | more
        answer = await api.post("/v1/measurements", json=body)
        assert answer.status_code == 201, answer.text


async def dashboard(api, *tiles, **more):
    answer = await api.post("/v1/dashboards", json={"name": f"Board {uuid4()}", "tiles": list(tiles)} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def state(api, made):
    answer = await api.get(f"/v1/dashboards/{made['id']}/state")
    assert answer.status_code == 200, answer.text
    return answer.json()["tiles"]


def tile(kpi, **more):
    return {"kpi_id": kpi["id"], "periods": 7} | more


async def test_a_tile_tells_the_last_whole_period_and_what_has_changed(api, make_kpi):
    kpi = await make_kpi(direction="down", name="Open tickets")
    await measured(api, kpi, {0: 99, 1: 8, 2: 10})
    (told,) = await state(api, await dashboard(api, tile(kpi, note="Fewer are better")))
    assert (told["title"], told["latest"]["starts_at"], told["latest"]["value"]) == (
        "Open tickets",
        "2026-05-31T00:00:00Z",
        8,
    )
    assert (told["compared"]["value"], told["compared"]["change"], told["compared"]["change_ratio"]) == (10, -2, -0.2)
    assert (told["is_good"], told["band"], told["target"], told["note"]) == (True, None, None, "Fewer are better")
    assert [each["value"] for each in told["points"]] == [None] * 5 + [10, 8]


async def test_a_tile_whose_last_period_is_silent_tells_the_one_before(api, make_kpi):
    kpi = await make_kpi()
    await measured(api, kpi, {3: 5, 4: 4})
    (told,) = await state(api, await dashboard(api, tile(kpi)))
    assert (told["latest"]["value"], told["latest"]["starts_at"]) == (5, "2026-05-29T00:00:00Z")
    assert told["compared"]["value"] == 4


async def test_figures_are_those_of_the_series(api, make_kpi):
    """However a KPI comes about, wherever it lives: a tile shows what its series shows."""
    paid = await make_kpi(dimensions=["plan"], time_zone="Asia/Kolkata")
    level = await make_kpi(aggregation="last", empty="carry", time_zone="Asia/Kolkata")
    users = await make_kpi(aggregation="distinct")
    for place, plan in enumerate(("pro", "free", "pro")):
        await measured(api, paid, {place + 1: 10 + place}, dimensions={"plan": plan})
    await measured(api, level, {40: 3, 2: 4})
    await measured(api, users, {1: 1}, subject="somebody")
    ratio = {"kind": "ratio", "numerator_kpi_id": paid["id"], "denominator_kpi_id": level["id"]}
    total = {"kind": "cumulative", "kpi_id": paid["id"], "reset": "month"}
    share = await make_kpi(aggregation=None, calculation=ratio, time_zone="Asia/Kolkata")
    running = await make_kpi(aggregation=None, calculation=total, time_zone="Asia/Kolkata")
    tiles = [
        *(tile(each) for each in (paid, level, users, share, running)),
        *(tile(each, grain="week", comparison="previous_year") for each in (paid, share)),
        tile(paid, filters={"plan": "pro"}),
        tile(paid, filters={"plan": "pro"}, grain="hour", periods=72),
    ]
    told = await state(api, await dashboard(api, *tiles))
    for asked, shown in zip(tiles, told, strict=True):
        span = {"from": shown["points"][0]["starts_at"], "to": shown["points"][-1]["ends_at"]}
        filters = {"filter": [f"{name}:{value}" for name, value in asked.get("filters", {}).items()]}
        query = span | {"grain": shown["grain"]} | filters
        series = (await api.get(f"/v1/kpis/{shown['kpi_id']}/series", params=query)).json()
        assert shown["points"] == series["points"]
        assert shown["is_exact"] == series["is_exact"]
    assert [each["latest"]["value"] for each in told[:5]] == [10, 4, pytest.approx(1, abs=0.03), 2.5, 33]
    assert told[7]["latest"]["value"] == 10


async def test_a_dashboard_asks_as_often_for_one_tile_as_for_many(api, context, make_kpi):
    kpis = [await make_kpi(dimensions=["plan"], empty="carry") for _ in range(4)]
    for kpi in kpis:
        await measured(api, kpi, {1: 2, 2: 1}, dimensions={"plan": "pro"})
    ratio = {"kind": "ratio", "numerator_kpi_id": kpis[0]["id"], "denominator_kpi_id": kpis[1]["id"]}
    share = await make_kpi(aggregation=None, calculation=ratio)

    def kinds(kpi):
        return [tile(kpi), tile(kpi, filters={"plan": "pro"}), tile(kpi, dimension="plan")]

    few = await dashboard(api, *kinds(kpis[0]))
    many = await dashboard(api, *(each for kpi in kpis for each in kinds(kpi)), tile(share), tile(share, grain="week"))
    await state(api, few)  # a new connection asks what it talks to
    engine = context.database.engine.sync_engine

    async def asked(made) -> int:
        statements = []

        def note(_connection, _cursor, statement, *_more):
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            told = await state(api, made)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert {each["latest"]["value"] for each in told} == ({1, 2} if made is many else {2})
        return len(statements)

    # What runs behind requests may ask meanwhile: it adds to some rounds, never to all of them.
    least = [min([await asked(made) for _ in range(4)]) for made in (few, many)]
    assert least[0] == least[1]


async def test_a_tile_tells_of_the_values_of_its_dimension(api, make_kpi):
    kpi = await make_kpi(dimensions=["plan"])
    await measured(api, kpi, {1: 7, 2: 5, 3: 100}, dimensions={"plan": "pro"})
    await measured(api, kpi, {1: 1}, dimensions={"plan": "free"})
    (told,) = await state(api, await dashboard(api, tile(kpi, dimension="plan")))
    assert told["parts"] == [
        {"value": "pro", "latest": 7, "earlier": 5},
        {"value": "free", "latest": 1, "earlier": None},
    ]


async def test_a_ratio_and_a_distinct_count_are_told_by_dimension_like_any_other(api, make_kpi):
    won, asked = [await make_kpi(dimensions=["plan"]) for _ in range(2)]
    ratio = {"kind": "ratio", "numerator_kpi_id": won["id"], "denominator_kpi_id": asked["id"]}
    people = await make_kpi(dimensions=["plan"], aggregation="distinct")
    for plan, (first, second) in {"pro": (1, 3), "free": (2, 2)}.items():
        await measured(api, won, {2: first, 1: second}, dimensions={"plan": plan})
        await measured(api, asked, {2: 4, 1: 4}, dimensions={"plan": plan})
        await measured(api, people, {1: 1}, dimensions={"plan": plan}, subject=plan)
    await measured(api, people, {1: 1}, dimensions={"plan": "pro"}, subject="ada")
    share = await make_kpi(calculation=ratio, aggregation=None)
    by_plan = [tile(each, dimension="plan") for each in (share, people)]
    first, second = await state(api, await dashboard(api, *by_plan))
    assert first["parts"] == [
        {"value": "free", "latest": 0.5, "earlier": 0.5},
        {"value": "pro", "latest": 0.75, "earlier": 0.25},
    ]
    assert [(each["value"], round(each["latest"])) for each in second["parts"]] == [("pro", 2), ("free", 1)]
    assert second["is_exact"] is False


async def test_a_tile_tells_of_band_and_target(api, make_kpi):
    kpi = await make_kpi(aggregation="average", direction="band", band={"low": 40, "high": 60})
    await measured(api, kpi, {60: 30, **dict.fromkeys(range(1, 8), 50)})
    target = {"kpi_id": kpi["id"], "name": "Sixty", "value": 60, "starts_on": "2026-04-02", "due_on": "2026-07-31"}
    made = (await api.post("/v1/targets", json=target)).json()
    later = (await api.post("/v1/targets", json=target | {"name": "Later", "due_on": "2026-12-31"})).json()
    board = await dashboard(api, tile(kpi), tile(kpi, target_id=later["id"]))
    first, second = await state(api, board)
    assert first["band_position"] == "within"
    assert (first["target"]["target_id"], second["target"]["target_id"]) == (made["id"], later["id"])
    assert (first["target"]["current"], first["target"]["progress"]) == (50, pytest.approx(2 / 3))
    assert first["target"]["pace"] == pytest.approx(60.5 / 121)
    assert first["target"]["standing"] == "on_pace"


async def test_a_tile_whose_kpi_is_counted_otherwise_since_says_so(api, make_kpi):
    kpi = await make_kpi(dimensions=["plan"])
    made = await dashboard(api, tile(kpi, filters={"plan": "pro"}), tile(kpi, dimension="plan"))
    funnel = {"kind": "funnel", "steps": [{"event": "Seen"}, {"event": "Bought"}]}
    patch = {"calculation": funnel, "aggregation": "calculated", "dimensions": []}
    answer = await api.patch(f"/v1/kpis/{kpi['id']}", json=patch, headers={"If-Match": kpi["etag"]})
    assert answer.status_code == 200, answer.text
    first, second = await state(api, made)
    assert (first["points"], first["fault"]) == ([], f"{kpi['name']} does not declare in its `dimensions`: plan.")
    assert (len(second["points"]), second["parts"], second["fault"]) == (7, None, first["fault"])


async def test_a_dashboard_is_taken_along(api, make_kpi):
    kpi = await make_kpi(name="=Rate | <all>", unit="%")
    await measured(api, kpi, {1: 12.5, 2: 10})
    made = await dashboard(api, tile(kpi, note="*Watch*"), name=f"# Monday {uuid4()}")
    text = (await api.get(f"/v1/dashboards/{made['id']}/file")).text
    assert "| =Rate \\| \\<all\\> | 12.5 % | +2.5 (+25.0%) | better | - |" in text
    assert text.startswith("## \\# Monday")
    answer = await api.get(f"/v1/dashboards/{made['id']}/file", params={"format": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dashboard.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["title"], row["value"], row["change"], row["is_good"]) == ("'=Rate | <all>", "12.5", "2.5", "true")


async def test_dashboards_can_be_changed_listed_and_removed(api, make_kpi, story):
    kpi, other = await make_kpi(), await make_kpi()
    made = await dashboard(api, tile(kpi))
    token = (await api.get("/v1/dashboards", params={"kpi_id": other["id"]})).json()["sync_token"]
    address = f"/v1/dashboards/{made['id']}"
    changed = await api.patch(address, json={"tiles": [tile(other)]}, headers={"If-Match": made["etag"]})
    assert changed.status_code == 200
    assert (await api.patch(address, json={"name": "Late"}, headers={"If-Match": made["etag"]})).status_code == 412
    news = {"kpi_id": other["id"], "sync_token": token}
    assert [each["id"] for each in (await api.get("/v1/dashboards", params=news)).json()["items"]] == [made["id"]]
    assert (await api.delete(address, headers={"If-Match": changed.headers["ETag"]})).status_code == 204
    assert [each["id"] for each in (await api.get("/v1/dashboards", params=news)).json()["deleted"]] == [made["id"]]
    told = await story.events(made["id"])
    assert [each.type for each in told] == ["dashboard.created", "dashboard.updated", "dashboard.deleted"]
    assert told[1].data == {"kpi_ids": [other["id"]]}


async def test_a_kpi_on_a_dashboard_is_not_deleted(api, make_kpi):
    kpi = await make_kpi()
    await dashboard(api, tile(kpi))
    answer = await api.delete(f"/v1/kpis/{kpi['id']}", headers={"If-Match": kpi["etag"]})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("differing", "pointer"),
    [
        ({"kpi_id": NOBODYS}, "/tiles/0/kpi_id"),
        ({"target_id": NOBODYS}, "/tiles/0/target_id"),
        ({"filters": {"colour": "red"}}, "/tiles/0/filters"),
        ({"dimension": "colour"}, "/tiles/0/dimension"),
        ({"dimension": "plan", "grain": "hour"}, "/tiles/0"),
        ({"periods": 1}, "/tiles/0/periods"),
    ],
)
async def test_a_tile_that_could_not_be_told_is_refused(api, make_kpi, differing, pointer):
    kpi = await make_kpi(dimensions=["plan"])
    answer = await api.post("/v1/dashboards", json={"name": str(uuid4()), "tiles": [tile(kpi) | differing]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_two_dashboards_have_two_names(api):
    made = await dashboard(api)
    answer = await api.post("/v1/dashboards", json={"name": made["name"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/name")
    assert await state(api, made) == []
