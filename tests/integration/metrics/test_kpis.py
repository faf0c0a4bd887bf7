from uuid import uuid4

import pytest


async def test_a_definition_comes_back_as_it_was_made(api, make_kpi):
    control = await make_kpi()
    made = await make_kpi(
        name="Crash-free sessions",
        direction="band",
        band={"low": 99, "high": 100},
        control_kpi_ids=[control["id"]],
        tags=["quality", "quality"],
        time_zone="Europe/Berlin",
    )
    assert (made["band"], made["tags"], made["version"]) == ({"low": 99, "high": 100}, ["quality"], 1)
    assert made["control_kpi_ids"] == [control["id"]]
    assert (await api.get(f"/v1/kpis/{made['id']}")).json() == made


async def test_every_change_is_a_version_that_stays(api, make_kpi):
    made = await make_kpi(unit="users")
    changed = await api.patch(
        f"/v1/kpis/{made['id']}", json={"unit": "accounts", "owner": "Ada"}, headers={"If-Match": made["etag"]}
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    versions = (await api.get(f"/v1/kpis/{made['id']}/versions")).json()["items"]
    assert [(each["number"], each["definition"]["unit"]) for each in versions] == [(2, "accounts"), (1, "users")]


async def test_a_change_that_changes_nothing_makes_no_version(api, make_kpi):
    made = await make_kpi()
    same = await api.patch(f"/v1/kpis/{made['id']}", json={"unit": "accounts"}, headers={"If-Match": made["etag"]})
    assert (same.status_code, same.json()["version"]) == (200, 1)


@pytest.mark.parametrize(
    ("differing", "pointer"),
    [
        ({"direction": "band"}, ""),
        ({"band": {"low": 1, "high": 2}}, ""),
        ({"direction": "band", "band": {"low": 2, "high": 1}}, "/band"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"control_kpi_ids": [str(uuid4())]}, "/control_kpi_ids/0"),
        ({"aggregation": "median"}, "/aggregation"),
    ],
)
async def test_a_definition_that_makes_no_sense_is_refused_where_it_is_wrong(api, differing, pointer):
    body = {"name": "Sign-ups", "unit": "accounts", "aggregation": "sum", "direction": "up"} | differing
    answer = await api.post("/v1/kpis", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_band_cannot_be_lost_by_a_patch(api, make_kpi):
    made = await make_kpi(direction="band", band={"low": 1, "high": 2})
    answer = await api.patch(f"/v1/kpis/{made['id']}", json={"band": None}, headers={"If-Match": made["etag"]})
    assert answer.status_code == 422


async def test_names_are_unique_and_the_second_is_told_so(api, make_kpi):
    made = await make_kpi()
    body = {"name": made["name"], "unit": "x", "aggregation": "sum", "direction": "up"}
    answer = await api.post("/v1/kpis", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


async def test_a_control_cannot_be_removed_from_under_the_kpi_that_rests_on_it(api, make_kpi):
    control = await make_kpi()
    await make_kpi(control_kpi_ids=[control["id"]])
    answer = await api.delete(f"/v1/kpis/{control['id']}", headers={"If-Match": control["etag"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "still_referenced")


async def test_a_removed_kpi_is_gone_with_its_measurements(api, make_kpi):
    made = await make_kpi()
    point = {"kpi_id": made["id"], "value": 1, "measured_at": "2026-05-01T00:00:00Z"}
    measurement = (await api.post("/v1/measurements", json=point)).json()
    assert (await api.delete(f"/v1/kpis/{made['id']}", headers={"If-Match": made["etag"]})).status_code == 204
    assert (await api.get(f"/v1/kpis/{made['id']}")).status_code == 404
    assert (await api.get(f"/v1/measurements/{measurement['id']}")).status_code == 404


async def test_another_workspace_sees_nothing(api, caller, make_kpi):
    made = await make_kpi()
    stranger = caller(workspace_id=uuid4())
    assert (await stranger.get(f"/v1/kpis/{made['id']}")).status_code == 404
    assert (await stranger.get(f"/v1/kpis/{made['id']}/series")).status_code == 404
    assert (await stranger.get("/v1/kpis")).json()["items"] == []
    point = {"kpi_id": made["id"], "value": 1, "measured_at": "2026-05-01T00:00:00Z"}
    assert (await stranger.post("/v1/measurements", json=point)).status_code == 422
    beside = {"name": "N", "unit": "x", "aggregation": "sum", "direction": "up", "control_kpi_ids": [made["id"]]}
    assert (await stranger.post("/v1/kpis", json=beside)).status_code == 422


async def test_lists_filter_by_tag_and_name(api, make_kpi):
    made = await make_kpi(name="Weekly 100% active", tags=["north_star"])
    await make_kpi(name="Weekly 1000 active", tags=["aarrr"])
    assert [each["id"] for each in (await api.get("/v1/kpis?tag=north_star")).json()["items"]] == [made["id"]]
    assert [each["id"] for each in (await api.get("/v1/kpis?name=100%25")).json()["items"]] == [made["id"]]
