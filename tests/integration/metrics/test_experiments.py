import json
from uuid import uuid4

import pytest

from services.chassis.identity import system_principal
from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.experiments.privacy import AssignmentsOfPerson
from services.metrics.usage_events.service import UsageEventService
from tests.integration.metrics.test_measurements import BULK, bulk, ndjson

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


def assigned(people, arm, at="2026-05-10T00:00:00Z"):
    return [{"unit": each, "arm": arm, "assigned_at": at} for each in people]


async def assign(api, experiment, lines):
    address = f"/v1/experiments/{experiment['id']}/assignments/bulk"
    answer = await api.post(address, content=ndjson(lines), headers=BULK)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def take(api, experiment, kpi, *, as_of="2026-05-20T00:00:00Z", **how):
    body = {"kpi_id": kpi["id"], "as_of": as_of} | how
    return await api.post(f"/v1/experiments/{experiment['id']}/readings", json=body)


async def test_a_unit_is_in_one_arm_and_the_first_holds(api, make_kpi, plan):
    experiment = await plan(await make_kpi())
    one, again, other, unknown = await assign(
        api,
        experiment,
        [
            *assigned(["ada", "ada"], "control"),
            *assigned(["ada"], "checklist"),
            *assigned(["bob"], "nowhere"),
        ],
    )
    assert [one["status"], again["status"], other["status"], unknown["status"]] == [201, 200, 409, 422]
    assert (other["problem"]["errors"][0]["pointer"], unknown["problem"]["errors"][0]["pointer"]) == ("/unit", "/arm")
    single = f"/v1/experiments/{experiment['id']}/assignments"
    assert (await api.post(single, json=assigned(["cid"], "checklist")[0])).status_code == 201
    assert (await api.post(single, json=assigned(["cid"], "control")[0])).status_code == 409
    later = await api.post(single, json=assigned(["cid"], "checklist", at="2026-05-12T00:00:00Z")[0])
    assert later.json() == {"arm": "checklist", "assigned_at": "2026-05-10T00:00:00Z"}
    lines = ndjson(assigned(["dan", "ada"], "checklist"))
    whole = await api.post(f"{single}/bulk?atomic=true", headers=BULK, content=lines)
    assert whole.status_code == 422
    ((dan,),) = [await assign(api, experiment, assigned(["dan"], "control"))]
    assert dan["status"] == 201


async def test_a_reading_is_counted_from_assignments_and_what_was_measured_of_the_units(api, make_kpi, plan):
    """Each unit from its assignment on, those without a figure too; what was before is the covariate."""
    kpi = await make_kpi(aggregation="sum")
    experiment = await plan(kpi, measure="mean")
    await assign(api, experiment, [*assigned(["a", "b", "c"], "control"), *assigned(["d", "e"], "checklist")])
    figures = [("a", 9, 1), ("a", 11, 2), ("a", 12, 3), ("b", 9, 4), ("d", 15, 10), ("d", 25, 99), ("x", 12, 50)]
    await bulk(
        api,
        [
            {"kpi_id": kpi["id"], "value": value, "measured_at": f"2026-05-{day:02}T12:00:00Z", "subject": who}
            for who, day, value in figures
        ],
    )
    taken = await take(api, experiment, kpi, counted={"covariate_days": 7})
    assert taken.status_code == 201, taken.text
    control = {"units": 3, "total": 5, "squares": 25, "other_total": 5, "other_squares": 17, "products": 5}
    checklist = {"units": 2, "total": 10, "squares": 100, "other_total": 0, "other_squares": 0, "products": 0}
    assert taken.json()["arms"] == {"control": control, "checklist": checklist}
    assert taken.json()["covariate_days"] == 7
    assert (await api.get(taken.headers["location"])).json() == taken.json()
    without = await take(api, experiment, kpi, as_of="2026-05-19T00:00:00Z", counted={"covariate_days": 0})
    assert without.json()["arms"]["control"]["other_total"] == 0


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (("proportion", "sum"), (3, 2, 2, 0)),
        (("mean", "count"), (3, 3, 5, 0)),
        (("ratio", "average"), (3, 60, 2600, 3)),
    ],
)
async def test_what_a_units_figure_is_follows_the_measure(api, make_kpi, plan, figure, expected):
    measure, aggregation = figure
    kpi = await make_kpi(aggregation=aggregation)
    experiment = await plan(kpi, measure=measure)
    await assign(api, experiment, assigned(["a", "b", "c"], "control"))
    lines = [
        {"kpi_id": kpi["id"], "value": value, "measured_at": f"2026-05-{day}T12:00:00Z", "subject": who}
        for who, day, value in (("a", 11, 20), ("a", 12, 30), ("b", 13, 10))
    ]
    await bulk(api, lines)
    arms = (await take(api, experiment, kpi, counted={})).json()["arms"]
    found = arms["control"]
    assert (found["units"], found["total"], found["squares"], found["other_total"]) == expected
    assert arms["checklist"]["units"] == 0


async def test_units_are_the_people_of_usage_events_also_under_a_later_name(api, context, workspace, make_kpi, plan):
    calculation = {"kind": "simple", "source": {"event": "Report Shared"}}
    kpi = await make_kpi(calculation=calculation, aggregation="count")
    experiment = await plan(kpi, measure="mean")
    await assign(api, experiment, [*assigned(["visitor-1"], "control"), *assigned(["bob"], "checklist")])
    events = [
        {"name": "Report Shared", "person": who, "occurred_at": "2026-05-12T09:00:00Z"}
        for who in ("visitor-1", "ada", "bob", "bob")
    ]
    async with context.database.transaction(workspace_id=workspace) as session:
        work = UnitOfWork(context, system_principal("metrics", workspace_id=workspace), session=session)
        await UsageEventService(work).link({"visitor-1": "ada"})
    sent = await api.post("/v1/usage-events/bulk", content=ndjson(events), headers=BULK)
    assert sent.text.count('"status":201') == len(events)
    arms = (await take(api, experiment, kpi, counted={})).json()["arms"]
    assert [(each["units"], each["total"]) for each in (arms["control"], arms["checklist"])] == [(1, 2), (1, 2)]


@pytest.fixture
def started(make_kpi, plan):
    async def start(aggregation):
        kpi = await make_kpi(aggregation=aggregation)
        return await plan(kpi, measure="mean"), kpi

    return start


@pytest.mark.parametrize(
    ("aggregation", "how", "pointer"),
    [
        ("max", {"counted": {}}, "/kpi_id"),
        ("sum", {"counted": {}, "as_of": "2027-01-01T00:00:00Z"}, "/as_of"),
        ("sum", {"counted": {"covariate_days": 91}}, "/counted/covariate_days"),
        ("sum", {}, ""),
        ("sum", {"counted": {}, "arms": {}}, ""),
    ],
)
async def test_what_cannot_be_counted_is_refused(api, started, aggregation, how, pointer):
    experiment, kpi = await started(aggregation)
    answer = await take(api, experiment, kpi, **how)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_arms_that_differed_before_it_began_forbid_a_conclusion(api, make_kpi, plan):
    kpi = await make_kpi()
    experiment = await plan(kpi, measure="mean")
    before = {"other_squares": 4000 * 26, "products": 4000 * 50}
    control = {"units": 4000, "total": 40_000, "squares": 404_000, "other_total": 20_000} | before
    shifted = control | {"total": 44_000, "squares": 488_000, "other_total": 18_800}
    await read(api, experiment, kpi, [control, control | {"total": 44_000, "squares": 488_000, "products": 220_000}])
    told = await readout(api, experiment)
    (fair,) = told["arms"]
    assert (fair["advice"], fair["covariate_difference"], fair["covariate_p"]) == ("ship", 0, 1)
    assert [each["name"] for each in told["formulas"]][:2] == ["Sample-ratio test", "Confidence sequence"]
    assert "CUPED" in told["formulas"][2]["name"]
    await read(api, experiment, kpi, [control, shifted], as_of="2026-05-02T00:00:00Z")
    (unfair,) = (await readout(api, experiment))["arms"]
    assert unfair["covariate_p"] < 0.001
    assert unfair["covariate_difference"] < 0
    assert (unfair["verdict"], unfair["advice"], unfair["effect"]) == ("inconclusive", "repair_assignment", None)


def elsewhere(units=(4000, 4010), effect=0.1, low=0.05, high=0.15):
    return {
        "source": "Another tool",
        "method": "Group sequential test, five looks",
        "level": 0.9,
        "control": 0.4,
        "units": dict(zip(HALVES, units, strict=True)),
        "effects": {"checklist": {"effect": effect, "effect_low": low, "effect_high": high}},
    }


async def test_what_another_tool_found_is_judged_and_decides_the_outcome_of_the_feature(api, story, make_kpi, plan):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi)
    feature_id = await story.ship(kpi)
    experiment = await plan(kpi, feature_id=str(feature_id))
    taken = await take(api, experiment, kpi, external=elsewhere())
    assert taken.status_code == 201, taken.text
    assert (taken.json()["arms"], taken.json()["external"]["source"]) == ({}, "Another tool")
    told = await readout(api, experiment)
    (found,) = told["arms"]
    assert (found["verdict"], found["advice"], found["effect_low"]) == ("improved", "ship", 0.05)
    assert found["relative_effect"] == pytest.approx(0.25)
    assert (told["units"], told["level"], told["evidence_grade"]) == (8010, 0.9, "A")
    assert told["method"] == "As Another tool told it: Group sequential test, five looks"
    outcome = await story.outcome(feature_id)
    evaluated = (await api.post(f"/v1/outcomes/{outcome['id']}/evaluations")).json()
    assert (evaluated["verdict"], evaluated["findings"]["evidence_grade"]) == ("improved", "A")
    assert evaluated["findings"]["method"] == told["method"]
    assert evaluated["findings"]["level"] == 0.9


async def test_another_tools_counts_have_to_fit_the_shares_and_its_arms_the_plan(api, make_kpi, plan):
    kpi, crashes = await make_kpi(), await make_kpi(direction="down")
    experiment = await plan(kpi, guardrail_kpi_ids=[crashes["id"]])
    await take(api, experiment, kpi, external=elsewhere(units=(4000, 4600)))
    (found,) = (await readout(api, experiment))["arms"]
    assert (found["verdict"], found["advice"]) == ("inconclusive", "repair_assignment")
    lacking = elsewhere() | {"units": {"control": 10}, "effects": {"control": elsewhere()["effects"]["checklist"]}}
    refused = await take(api, experiment, kpi, external=lacking)
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/external/units", "/external/effects"}
    backwards = await take(api, experiment, kpi, external=elsewhere(low=0.2))
    assert backwards.json()["errors"][0]["pointer"] == "/external/effects/checklist"
    await take(api, experiment, kpi, external=elsewhere(), as_of="2026-05-21T00:00:00Z")
    await take(api, experiment, crashes, external=elsewhere())
    (found,) = (await readout(api, experiment))["arms"]
    assert found["advice"] == "stop_for_guardrail"


async def test_who_is_erased_is_in_no_arm_any_more(api, context, workspace, make_kpi, plan):
    contact = uuid4()
    experiment = await plan(await make_kpi())
    await assign(api, experiment, assigned([str(contact), "bob"], "control"))
    holding = AssignmentsOfPerson(context.pseudonym)
    subject = DataSubject(contact_id=contact)
    async with context.database.session(workspace_id=workspace, read_only=True) as session:
        held = await holding.export(session, subject)
    (theirs,) = held["experiment_assignment"]
    assert (theirs["experiment"], theirs["arm"]) == (experiment["name"], "control")
    principal = system_principal("metrics", workspace_id=workspace)
    for erased in (1, 0):
        async with context.database.transaction(workspace_id=workspace) as session:
            work = UnitOfWork(context, principal, session=session)
            assert await holding.erase(work, subject) == {"experiment_assignment": erased}
    ((again,),) = [await assign(api, experiment, assigned(["bob"], "control"))]
    assert again["status"] == 200
