"""Charts in every form, from what was measured, promised and shipped."""

import csv
import io
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from tests.integration.metrics.conftest import NOW

SVG = "{http://www.w3.org/2000/svg}"
WINDOW = {"from": (NOW - timedelta(days=60)).isoformat(), "to": NOW.isoformat()}


@pytest_asyncio.fixture
async def kpi(api, story, make_kpi):
    """A KPI with a band, a target, a launch, a day out of the ordinary and a gap."""
    made = await make_kpi(
        name="=Activation <rate>", unit="%", aggregation="average", direction="band", band={"low": 45, "high": 55}
    )
    await story.measure(made)
    spoilt = {"kpi_id": made["id"], "value": 5, "measured_at": (NOW - timedelta(days=10)).isoformat()}
    await api.post("/v1/measurements", json=spoilt)
    target = {
        "kpi_id": made["id"],
        "name": "Sixty",
        "value": 60,
        "starts_on": "2026-04-20",
        "due_on": "2026-06-30",
    }
    await api.post("/v1/targets", json=target)
    await story.ship(made)
    return made


async def drawn(api, kpi, **parameters):
    answer = await api.get(f"/v1/kpis/{kpi['id']}/chart", params=WINDOW | parameters)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("width", [280, 390, 900])
async def test_the_picture_tells_all_that_explains_the_line(api, kpi, width):
    answer = await drawn(api, kpi, format="svg", width=width)
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    picture = ET.fromstring(answer.text)
    texts = [element.text for element in picture.iter(f"{SVG}text")]
    assert texts[0].startswith("=Activation") or width == 280
    assert any("Sixty: 60" in text for text in texts)
    assert "launch" in texts
    hints = [element.text for element in picture.iter(f"{SVG}title")]
    assert "the band: 45 to 55" in hints
    (odd,) = [hint for hint in hints if hint.endswith("out of the ordinary")]
    assert odd.startswith("22 May")
    lines = [each for each in picture.iter(f"{SVG}polyline") if each.get("stroke-width") == "1.8"]
    assert len(lines) == 1
    places = [tuple(map(float, place.split(","))) for place in lines[0].get("points").split()]
    assert len(places) == 60
    assert all(0 <= x <= width and 0 <= y <= 340 for x, y in places)


async def test_a_gap_breaks_the_line(api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    for day in (1, 2, 4, 5):
        at = (NOW - timedelta(days=day)).isoformat()
        await api.post("/v1/measurements", json={"kpi_id": kpi["id"], "value": day, "measured_at": at})
    picture = ET.fromstring((await drawn(api, kpi, format="svg")).text)
    lines = [each for each in picture.iter(f"{SVG}polyline") if each.get("stroke-width") == "1.8"]
    assert [len(each.get("points").split()) for each in lines] == [2, 2]


async def test_without_a_figure_every_form_says_so(api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    assert "Nothing measured yet" in (await drawn(api, kpi, format="svg")).text
    values = (await drawn(api, kpi)).json()["data"]["values"]
    assert {each["value"] for each in values} == {None}
    assert (await drawn(api, kpi, format="markdown")).text.startswith("## KPI")


async def test_the_specification_has_a_layer_for_each_thing(api, kpi):
    told = (await drawn(api, kpi)).json()
    assert told["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    marks = [layer["mark"]["type"] for layer in told["layer"]]
    assert marks == ["rect", "line", "point", "rule", "rule"]
    assert sum(each["is_odd"] for each in told["data"]["values"]) == 1
    assert len(told["data"]["values"]) == 61


async def test_tables_are_safe_to_open(api, kpi):
    rows = list(csv.DictReader(io.StringIO((await drawn(api, kpi, format="csv")).text)))
    assert len(rows) == 61
    assert [row["starts_at"][:10] for row in rows if row["is_out_of_the_ordinary"] == "true"] == ["2026-05-22"]
    assert float(rows[0]["value"]) == pytest.approx(50, abs=8)
    page = (await drawn(api, kpi, format="markdown")).text
    assert page.startswith("## =Activation \\<rate\\>\n")
    assert "- Sixty: 60 by 2026-06-30" in page


async def test_other_grains_have_no_daily_oddities(api, kpi):
    told = (await drawn(api, kpi, grain="week")).json()["data"]["values"]
    assert 8 <= len(told) <= 10
    assert not any(each["is_odd"] for each in told)


async def test_too_long_a_window_is_refused(api, kpi):
    answer = await api.get(f"/v1/kpis/{kpi['id']}/chart", params={"grain": "hour", "from": "2016-01-01T00:00:00Z"})
    assert answer.status_code == 422
