from uuid import uuid4

import pytest

HALVES = {"control": 0.5, "checklist": 0.5}


@pytest.fixture
def plan(api):
    async def make(kpi, **differing):
        body = {
            "name": f"Experiment {uuid4()}",
            "kpi_id": kpi["id"],
            "measure": "proportion",
            "shares": HALVES,
            "control": "control",
            "planned_units": 8000,
        }
        answer = await api.post("/v1/experiments", json=body | differing)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make


def arm(units, hits):
    return {"units": units, "total": hits, "squares": hits}


async def read(api, experiment, kpi, arms, as_of="2026-05-01T00:00:00Z"):
    body = {"kpi_id": kpi["id"], "as_of": as_of, "arms": dict(zip(HALVES, arms, strict=True))}
    return await api.post(f"/v1/experiments/{experiment['id']}/readings", json=body)


async def readout(api, experiment):
    return (await api.get(f"/v1/experiments/{experiment['id']}/readout")).json()


async def test_a_clear_gain_is_advised_to_be_shipped(api, make_kpi, plan):
    kpi = await make_kpi()
    experiment = await plan(kpi)
    assert (await readout(api, experiment))["arms"] == []
    taken = await read(api, experiment, kpi, [arm(4000, 1600), arm(4010, 2000)])
    assert (await api.get(taken.headers["location"])).json() == taken.json()
    told = await readout(api, experiment)
    (found,) = told["arms"]
    assert (found["arm"], found["verdict"], found["advice"]) == ("checklist", "improved", "ship")
    assert found["effect"] == pytest.approx(2000 / 4010 - 0.4)
    assert found["effect_low"] > 0
    assert (told["evidence_grade"], told["is_mismatch"], told["units"]) == ("A", False, 8010)


async def test_the_last_reading_counts(api, make_kpi, plan):
    kpi = await make_kpi()
    experiment = await plan(kpi)
    await read(api, experiment, kpi, [arm(4000, 1600), arm(4000, 1600)], as_of="2026-05-08T00:00:00Z")
    await read(api, experiment, kpi, [arm(400, 160), arm(400, 390)])
    told = await readout(api, experiment)
    assert (told["units"], told["arms"][0]["advice"]) == (8000, "keep_running")
    assert len((await api.get(f"/v1/experiments/{experiment['id']}/readings")).json()["items"]) == 2


async def test_broken_shares_forbid_a_conclusion(api, make_kpi, plan):
    kpi = await make_kpi()
    experiment = await plan(kpi)
    await read(api, experiment, kpi, [arm(4000, 1600), arm(4600, 2700)])
    told = await readout(api, experiment)
    assert told["is_mismatch"]
    assert (told["arms"][0]["verdict"], told["arms"][0]["advice"]) == ("inconclusive", "repair_assignment")


async def test_a_guardrail_that_suffers_overrules_a_gain(api, make_kpi, plan):
    kpi, crashes = await make_kpi(), await make_kpi(direction="down")
    experiment = await plan(kpi, guardrail_kpi_ids=[crashes["id"]])
    await read(api, experiment, kpi, [arm(4000, 1600), arm(4000, 2000)])
    await read(api, experiment, crashes, [arm(4000, 40), arm(4000, 400)])
    (found,) = (await readout(api, experiment))["arms"]
    assert (found["verdict"], found["advice"]) == ("improved", "stop_for_guardrail")
    assert found["broken_guardrail_kpi_ids"] == [crashes["id"]]


async def test_readings_that_cannot_be_are_refused(api, make_kpi, plan):
    kpi, other = await make_kpi(), await make_kpi()
    experiment = await plan(kpi)
    impossible = {"units": 10, "total": 100, "squares": 10}
    assert (await read(api, experiment, kpi, [impossible, arm(10, 1)])).status_code == 422
    assert (await read(api, experiment, other, [arm(10, 1), arm(10, 1)])).status_code == 422
    body = {"kpi_id": kpi["id"], "as_of": "2026-05-01T00:00:00Z", "arms": {"control": arm(10, 1)}}
    lacking = await api.post(f"/v1/experiments/{experiment['id']}/readings", json=body)
    assert lacking.json()["errors"][0]["pointer"] == "/arms"
    assert (await read(api, experiment, kpi, [arm(10, 1), arm(10, 1)])).status_code == 201
    assert (await read(api, experiment, kpi, [arm(10, 1), arm(10, 1)])).status_code == 409


@pytest.mark.parametrize(
    "differing",
    [
        {"control": "nobody"},
        {"shares": {"control": 0.5, "checklist": 0.6}},
        {"shares": {"control": 1.0}},
        {"kpi_id": str(uuid4())},
        {"guardrail_kpi_ids": [str(uuid4())]},
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(api, make_kpi, differing):
    kpi = await make_kpi()
    body = {"name": "X", "kpi_id": kpi["id"], "measure": "mean", "shares": HALVES, "control": "control"}
    answer = await api.post("/v1/experiments", json=body | {"planned_units": 1000} | differing)
    assert answer.status_code == 422


async def test_a_kpi_that_decides_cannot_be_removed_before_its_experiment(api, make_kpi, plan):
    kpi = await make_kpi()
    experiment = await plan(kpi)
    refused = await api.delete(f"/v1/kpis/{kpi['id']}", headers={"If-Match": kpi["etag"]})
    assert refused.status_code == 409
    gone = await api.delete(f"/v1/experiments/{experiment['id']}", headers={"If-Match": experiment["etag"]})
    assert gone.status_code == 204
    assert (await api.delete(f"/v1/kpis/{kpi['id']}", headers={"If-Match": kpi["etag"]})).status_code == 204


async def test_strangers_see_no_experiment(caller, make_kpi, plan):
    experiment = await plan(await make_kpi())
    stranger = caller(workspace_id=uuid4())
    for path in ("", "/readings", f"/readings/{uuid4()}", "/readout"):
        assert (await stranger.get(f"/v1/experiments/{experiment['id']}{path}")).status_code == 404
    assert (await stranger.get("/v1/experiments")).json()["items"] == []


async def test_a_concluded_experiment_judges_the_outcome_of_its_feature(api, story, make_kpi, plan):
    """The KPI itself never moved; the arms differ for certain, and chance assignment is the better evidence."""
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    feature_id = await story.ship(kpi)
    experiment = await plan(kpi, feature_id=str(feature_id))
    await read(api, experiment, kpi, [arm(4000, 1600), arm(4000, 2000)])
    outcome = await story.outcome(feature_id)
    told = (await api.post(f"/v1/outcomes/{outcome['id']}/evaluations")).json()
    assert told["verdict"] == "improved"
    assert told["findings"]["evidence_grade"] == "A"
    assert told["findings"]["experiment_id"] == experiment["id"]
    assert told["findings"]["effect"] == pytest.approx(0.1)


async def test_an_experiment_that_has_not_concluded_leaves_the_outcome_to_the_series(api, story, make_kpi, plan):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi, effect=6)
    feature_id = await story.ship(kpi)
    experiment = await plan(kpi, feature_id=str(feature_id))
    await read(api, experiment, kpi, [arm(400, 160), arm(400, 161)])
    outcome = await story.outcome(feature_id)
    told = (await api.post(f"/v1/outcomes/{outcome['id']}/evaluations")).json()
    assert (told["verdict"], told["findings"]["evidence_grade"]) == ("improved", "C")
    assert told["findings"]["experiment_id"] is None
