from uuid import uuid4

import pytest

from tests.integration.metrics.test_measurements import bulk, figures, point

MAY = {"from": "2026-05-01T00:00:00Z", "to": "2026-05-05T00:00:00Z"}


@pytest.fixture
def filled(api, make_kpi):
    """A KPI with a figure for each day of May from the first, None where nothing was measured."""

    async def fill(*values, **differing):
        kpi = await make_kpi(**differing)
        days = [(day, value) for day, value in enumerate(values, start=1) if value is not None]
        await bulk(api, [point(kpi, value, f"2026-05-{day:02}T09:00:00Z") for day, value in days])
        return kpi

    return fill


@pytest.fixture
def worked_out(api, make_kpi):
    async def make(calculation, **differing):
        return await make_kpi(calculation=calculation, **({"aggregation": None} | differing))

    return make


async def test_a_ratio_divides_totals_and_never_averages_averages(api, filled, worked_out):
    paid, visits = await filled(1, 9, None), await filled(10, 10, 5)
    calculation = {"kind": "ratio", "numerator_kpi_id": paid["id"], "denominator_kpi_id": visits["id"], "factor": 100}
    ratio = await worked_out(calculation, unit="%")
    assert (ratio["aggregation"], ratio["calculation"]["factor"]) == ("calculated", 100)
    assert list((await figures(api, ratio, **MAY)).values()) == [10, 90, None, None]
    assert (await figures(api, ratio, grain="month", **MAY))["2026-05-01T00:00:00Z"] == 40


async def test_a_formula_is_worked_out_period_by_period(api, filled, worked_out):
    revenue, costs = await filled(10, 20, 30, empty="zero"), await filled(4, None, 10, empty="zero")
    margin = {"kind": "derived", "formula": "revenue - costs"}
    margin["inputs"] = {"revenue": revenue["id"], "costs": costs["id"]}
    above = {"kind": "derived", "formula": "max(margin, 0) / 2", "inputs": {"margin": (await worked_out(margin))["id"]}}
    assert list((await figures(api, await worked_out(above), **MAY)).values()) == [3, 10, 10, 0]


@pytest.mark.parametrize(
    ("how", "expected"),
    [({}, [101, 103, 103, 106]), ({"reset": "month"}, [1, 3, 3, 6]), ({"window_days": 2}, [1, 3, 2, 3])],
)
async def test_a_running_total(api, filled, worked_out, how, expected):
    kpi = await filled(1, 2, None, 3)
    await bulk(api, [point(kpi, 100, "2026-03-01T00:00:00Z")])
    total = await worked_out({"kind": "cumulative", "kpi_id": kpi["id"]} | how)
    assert list((await figures(api, total, **MAY)).values()) == expected


async def test_a_series_is_compared_with_what_was_before(api, filled):
    kpi = await filled(1, 2, 4, 3)
    span = {"from": "2026-05-03T00:00:00Z", "to": "2026-05-05T00:00:00Z", "compare": "previous_period"}
    told = (await api.get(f"/v1/kpis/{kpi['id']}/series", params=span)).json()
    assert [each["value"] for each in told["points"]] == [4, 3]
    assert [(each["value"], each["change"], each["change_ratio"]) for each in told["comparison"]] == [
        (1, 3, 3),
        (2, 1, 0.5),
    ]
    year = (await api.get(f"/v1/kpis/{kpi['id']}/series", params=span | {"compare": "previous_year"})).json()
    assert [each["starts_at"] for each in year["comparison"]] == ["2025-05-04T00:00:00Z", "2025-05-05T00:00:00Z"]
    assert year["comparison"][0]["change"] is None


async def test_circles_are_refused(api, filled, worked_out):
    base = await filled(1)
    above = await worked_out({"kind": "derived", "formula": "a * 2", "inputs": {"a": base["id"]}})
    circle = {
        "calculation": {"kind": "derived", "formula": "a", "inputs": {"a": above["id"]}},
        "aggregation": "calculated",
    }
    answer = await api.patch(f"/v1/kpis/{base['id']}", json=circle, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cycle")


@pytest.mark.parametrize(
    ("calculation", "more", "pointer"),
    [
        ({"kind": "simple"}, {}, ""),
        ({"kind": "simple"}, {"aggregation": "calculated"}, ""),
        ({"kind": "derived", "formula": "a +", "inputs": {"a": str(uuid4())}}, {}, "/calculation/derived"),
        ({"kind": "derived", "formula": "a", "inputs": {"b": str(uuid4())}}, {}, "/calculation/derived"),
        ({"kind": "derived", "formula": "a", "inputs": {"a": str(uuid4())}}, {}, "/calculation/inputs/a"),
        ({"kind": "derived", "formula": "a", "inputs": {"a": str(uuid4())}}, {"aggregation": "sum"}, ""),
        ({"kind": "cumulative", "kpi_id": str(uuid4())}, {}, "/calculation/kpi_id"),
        ({"kind": "magic"}, {}, "/calculation"),
    ],
)
async def test_what_cannot_be_worked_out_is_refused_where_it_is_wrong(api, calculation, more, pointer):
    body = {"name": "N", "unit": "x", "direction": "up", "calculation": calculation} | more
    answer = await api.post("/v1/kpis", json=body)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("average", ([2, 2.5, 2.5, 4], [2, 2.5, 3, 7])),
        ("min", ([2, 2, 2, 2], [2, 2, 3, 7])),
        ("max", ([2, 3, 3, 7], [2, 3, 3, 7])),
        ("last", ([2, 3, 3, 7], [2, 3, 3, 7])),
        ("count", ([1, 2, 2, 3], [1, 2, 1, 1])),
        ("ratio", ([2, 2.5, 2.5, 4], [2, 2.5, 3, 7])),
    ],
)
async def test_every_aggregation_is_told_to_date(api, filled, worked_out, aggregation, expected):
    kpi = await filled(2, 3, None, 7, aggregation=aggregation)
    total = {"kind": "cumulative", "kpi_id": kpi["id"]}
    both = [await worked_out(total | how) for how in ({}, {"window_days": 2})]
    assert tuple([list((await figures(api, each, **MAY)).values()) for each in both]) == expected


async def test_what_was_before_the_first_period_counts_to_date(api, filled, worked_out):
    for aggregation, expected in (("average", 8.5), ("min", 2), ("max", 15), ("last", 2)):
        kpi = await filled(2, aggregation=aggregation, dimensions=["plan"])
        march = point(kpi, 15, "2026-03-01T00:00:00Z") | {"dimensions": {"plan": "pro"}}
        await bulk(api, [march])
        total = await worked_out({"kind": "cumulative", "kpi_id": kpi["id"]})
        assert next(iter((await figures(api, total, **MAY)).values())) == expected
        assert next(iter((await figures(api, total, filter="plan:pro", **MAY)).values())) == 15


async def test_people_to_date_count_once_and_percentiles_are_of_all(api, make_kpi, worked_out):
    people = await make_kpi(aggregation="distinct", dimensions=["plan"])
    waits = await make_kpi(aggregation="percentile", percentile=50)
    seen = {"2026-03-01": "a", "2026-05-01": "ab", "2026-05-02": "b", "2026-05-04": "ca"}
    await bulk(
        api,
        [
            point(people, 1, f"{day}T09:00:00Z") | {"subject": who, "dimensions": {"plan": who}}
            for day, all_of in seen.items()
            for who in all_of
        ],
    )
    await bulk(api, [point(waits, value, f"2026-05-0{day}T09:00:00Z") for day, value in ((1, 10), (2, 20), (4, 30))])
    total = await worked_out({"kind": "cumulative", "kpi_id": people["id"]})
    assert list((await figures(api, total, **MAY)).values()) == [2, 2, 2, 3]
    assert list((await figures(api, total, filter="plan:c", **MAY)).values()) == [None, None, None, 1]
    monthly = await worked_out({"kind": "cumulative", "kpi_id": people["id"], "window_days": 2})
    assert list((await figures(api, monthly, **MAY)).values()) == [2, 2, 1, 2]
    told = (await api.get(f"/v1/kpis/{total['id']}/series", params=MAY)).json()
    assert (told["is_exact"], told["method"]) == (False, "hyperloglog")
    median = await worked_out({"kind": "cumulative", "kpi_id": waits["id"]})
    assert list((await figures(api, median, **MAY)).values()) == pytest.approx([10, 10, 10, 20], rel=0.005)
    hourly = await api.get(f"/v1/kpis/{total['id']}/series", params=MAY | {"grain": "hour"})
    assert (hourly.status_code, hourly.json()["errors"][0]["code"]) == (422, "not_sketched")


async def test_only_what_is_measured_is_told_to_date(api, filled, worked_out):
    base = await filled(1)
    half = await worked_out({"kind": "derived", "formula": "a / 2", "inputs": {"a": base["id"]}})
    body = {"name": "N", "unit": "x", "direction": "up", "calculation": {"kind": "cumulative", "kpi_id": half["id"]}}
    answer = await api.post("/v1/kpis", json=body)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (422, "/calculation/kpi_id", "not_measured")
    await worked_out({"kind": "cumulative", "kpi_id": base["id"]})
    other = await filled(1)
    change = {"kind": "derived", "formula": "a", "inputs": {"a": other["id"]}}
    patch = {"calculation": change, "aggregation": "calculated"}
    answer = await api.patch(f"/v1/kpis/{base['id']}", json=patch, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_measured")


async def test_what_is_worked_out_takes_no_measurements_and_holds_its_inputs(api, filled, worked_out):
    base = await filled(1)
    above = await worked_out({"kind": "derived", "formula": "a", "inputs": {"a": base["id"]}})
    answer = await api.post("/v1/measurements", json=point(above, 1))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "calculated")
    held = await api.delete(f"/v1/kpis/{base['id']}", headers={"If-Match": "*"})
    assert (held.status_code, held.json()["code"]) == (409, "still_referenced")
    assert (await api.get(f"/v1/kpis/{above['id']}/forecast")).status_code == 200


async def test_an_owner_certifies_and_every_change_takes_it_away(api, make_kpi):
    kpi = await make_kpi()
    path = f"/v1/kpis/{kpi['id']}/certification"
    certified = await api.put(path, json={"remark": "Agrees with billing."}, headers={"If-Match": kpi["etag"]})
    assert certified.status_code == 200
    assert certified.json()["certification"]["remark"] == "Agrees with billing."
    changed = await api.patch(f"/v1/kpis/{kpi['id']}", json={"unit": "x"}, headers={"If-Match": "*"})
    assert changed.json()["certification"] is None
    versions = (await api.get(f"/v1/kpis/{kpi['id']}/versions")).json()["items"]
    assert [each["definition"]["certification"] is not None for each in versions] == [False, True, False]


async def test_nobody_else_certifies(api, caller, make_kpi):
    other = caller(principal_id="key:other", role="planner")
    kpi, own = await make_kpi(), await make_kpi(owner_id="key:other")
    body, headers = {"remark": "Fine."}, {"If-Match": "*"}
    assert (await other.put(f"/v1/kpis/{kpi['id']}/certification", json=body, headers=headers)).status_code == 403
    assert (await other.put(f"/v1/kpis/{own['id']}/certification", json=body, headers=headers)).status_code == 200
    assert (await other.delete(f"/v1/kpis/{own['id']}/certification", headers=headers)).status_code == 204
    assert (await api.get(f"/v1/kpis/{own['id']}")).json()["certification"] is None


async def test_a_tree_shows_drivers_with_signs_and_what_is_worked_out(api, make_kpi, worked_out):
    top, speed, waiting = await make_kpi(), await make_kpi(), await make_kpi()
    half = await worked_out({"kind": "derived", "formula": "a / 2", "inputs": {"a": waiting["id"]}})
    edges = [(top, speed, "raises"), (speed, half, "lowers")]
    for kpi, driver, sign in edges:
        body = {"kpi_id": kpi["id"], "driver_kpi_id": driver["id"], "sign": sign, "rationale": "Seen in March."}
        assert (await api.post("/v1/kpi-edges", json=body)).status_code == 201
    told = (await api.get(f"/v1/kpis/{top['id']}/tree")).json()
    assert {each["kpi_id"]: each["depth"] for each in told["nodes"]} == {
        top["id"]: 0,
        speed["id"]: 1,
        half["id"]: 2,
        waiting["id"]: 3,
    }
    assert [(each["origin"], each["sign"]) for each in told["edges"]] == [
        ("declared", "raises"),
        ("declared", "lowers"),
        ("calculation", None),
    ]
    back = {"kpi_id": half["id"], "driver_kpi_id": top["id"], "sign": "raises", "rationale": "A circle."}
    assert (await api.post("/v1/kpi-edges", json=back)).json()["errors"][0]["code"] == "cycle"


async def test_every_template_can_be_posted(api):
    for template in (await api.get("/v1/kpi-templates")).json()["templates"]:
        made = await api.post("/v1/kpis", json=template["kpi"] | {"name": f"{template['kpi']['name']} {uuid4()}"})
        assert made.status_code == 201, made.text
        listed = await api.get("/v1/kpis", params={"framework_tag": template["framework_tag"]})
        assert made.json()["id"] in {each["id"] for each in listed.json()["items"]}
