from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest

from services.metrics.outcomes.neighbours import KpiSnapshot, OutcomeSnapshot
from tests.integration.metrics.conftest import NOW


async def test_a_launch_opens_an_outcome_and_data_that_suffices_gives_the_last_word(story, api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi, effect=5)
    feature_id = await story.ship(kpi)
    opened = await story.outcome(feature_id)
    assert (opened["state"], opened["verdict"]) == ("open", None)
    assert opened["predicted"] == {"low": 2, "likely": 4, "high": 7}
    await story.look()
    judged = await story.outcome(feature_id)
    assert (judged["state"], judged["verdict"], judged["evidence_grade"]) == ("final", "improved", "C")
    assert judged["effect_low"] < 5 < judged["effect_high"]
    (evaluation,) = (await api.get(f"/v1/outcomes/{judged['id']}/evaluations")).json()["items"]
    assert evaluation["kpi_version"] == 1
    assert evaluation["findings"]["against_prediction"] == "within"
    assert evaluation["findings"]["points_after"] == 27
    (opening, measured) = await story.events(judged["id"])
    assert (opening.type, measured.type) == ("outcome.opened", "outcome.measured")
    assert measured.data["verdict"] == "improved"
    assert measured.data["evaluation_id"] == evaluation["id"]


async def test_told_twice_it_opens_once(story, api, make_kpi):
    kpi = await make_kpi()
    feature_id = await story.ship(kpi)
    await story.ship(kpi, feature_id=feature_id)
    assert await story.outcome(feature_id)


async def test_a_promise_to_lower_a_kpi_is_kept_as_a_fall(story, api, make_kpi):
    kpi = await make_kpi(aggregation="average", direction="down")
    await story.measure(kpi, effect=-5)
    feature_id = await story.ship(kpi, direction="decrease")
    await story.look()
    judged = await story.outcome(feature_id)
    assert judged["predicted"] == {"low": -7, "likely": -4, "high": -2}
    assert judged["verdict"] == "improved"


@pytest.mark.parametrize(("negligible", "verdict"), [(3.0, "no_effect"), (0.001, "inconclusive")])
async def test_without_an_effect_it_says_so_or_says_that_it_cannot_tell(story, api, make_kpi, negligible, verdict):
    kpi = await make_kpi(aggregation="average", negligible_change=negligible)
    await story.measure(kpi)
    feature_id = await story.ship(kpi)
    await story.look()
    assert (await story.outcome(feature_id))["verdict"] == verdict


async def test_without_data_it_stays_open_and_is_judged_when_data_comes(story, api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    feature_id = await story.ship(kpi)
    await story.look()
    assert (await story.outcome(feature_id))["state"] == "open"
    await story.measure(kpi, effect=5)
    asked = await api.post(f"/v1/outcomes/{(await story.outcome(feature_id))['id']}/evaluations")
    assert (asked.status_code, asked.json()["verdict"]) == (201, "improved")
    assert (await api.get(asked.headers["location"])).json() == asked.json()


async def test_asked_without_data_it_answers_why_it_cannot_tell(story, api, make_kpi):
    kpi = await make_kpi()
    outcome = await story.outcome(await story.ship(kpi))
    answer = (await api.post(f"/v1/outcomes/{outcome['id']}/evaluations")).json()
    assert answer["verdict"] == "inconclusive"
    assert "too_few_points_before" in answer["findings"]["doubts"]


async def test_before_the_window_ends_only_what_is_beyond_doubt_is_told(story, api, make_kpi):
    due_on = (NOW + timedelta(days=20)).date()
    slight, strong = await make_kpi(aggregation="average"), await make_kpi(aggregation="average")
    await story.measure(slight, effect=0.4)
    await story.measure(strong, effect=9)
    unsure, sure = [await story.ship(kpi, due_on=due_on) for kpi in (slight, strong)]
    await story.look()
    assert (await story.outcome(unsure))["state"] == "open"
    early = await story.outcome(sure)
    assert (early["state"], early["verdict"]) == ("measured", "improved")


async def test_control_series_make_grade_b(story, api, make_kpi):
    market = np.cumsum(np.random.default_rng(5).normal(0, 3, 130))
    control = await make_kpi(aggregation="average")
    await story.measure(control, common=market, seed=2)
    kpi = await make_kpi(aggregation="average", control_kpi_ids=[control["id"]])
    await story.measure(kpi, effect=6, common=market)
    feature_id = await story.ship(kpi)
    await story.look()
    judged = await story.outcome(feature_id)
    assert (judged["verdict"], judged["evidence_grade"]) == ("improved", "B")


async def test_other_launches_on_the_same_kpi_are_named(story, api, make_kpi):
    kpi = await make_kpi(aggregation="average")
    await story.measure(kpi, effect=5)
    first, second = await story.ship(kpi), await story.ship(kpi)
    await story.look()
    outcome = await story.outcome(first)
    (evaluation,) = (await api.get(f"/v1/outcomes/{outcome['id']}/evaluations")).json()["items"]
    assert evaluation["findings"]["overlapping_feature_ids"] == [str(second)]


async def test_a_kpi_with_outcomes_cannot_be_removed(story, api, make_kpi):
    kpi = await make_kpi()
    await story.ship(kpi)
    answer = await api.delete(f"/v1/kpis/{kpi['id']}", headers={"If-Match": kpi["etag"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "still_referenced")


async def test_an_unknown_kpi_opens_nothing(story, api):
    feature_id = await story.ship({"id": str(uuid4())})
    assert (await api.get(f"/v1/outcomes?feature_id={feature_id}")).json()["items"] == []


async def test_strangers_see_no_outcome(story, api, caller, make_kpi):
    outcome = await story.outcome(await story.ship(await make_kpi()))
    stranger = caller(workspace_id=uuid4())
    for path in ("", "/evaluations", f"/evaluations/{uuid4()}"):
        assert (await stranger.get(f"/v1/outcomes/{outcome['id']}{path}")).status_code == 404
    assert (await stranger.post(f"/v1/outcomes/{outcome['id']}/evaluations")).status_code == 404


async def test_the_trace_leads_from_feature_and_kpi_to_the_outcome(story, api, make_kpi):
    kpi = await make_kpi(name="Activation")
    feature_id = await story.ship(kpi)
    outcome = await story.outcome(feature_id)
    asked = await api.post("/internal/trace", json={"ids": [str(feature_id)]})
    assert asked.json()["nodes"] == []
    assert {(edge["from"], edge["to"]) for edge in asked.json()["edges"]} == {
        (str(feature_id), outcome["id"]),
        (kpi["id"], outcome["id"]),
    }
    nodes = (await api.post("/internal/trace", json={"ids": [outcome["id"], kpi["id"]]})).json()["nodes"]
    assert {(node["type"], node["label"]) for node in nodes} == {
        ("kpi", "Activation"),
        ("outcome", "Activation: not measured yet"),
    }


async def test_snapshots_page_through_everything_in_order(story, context, workspace, make_kpi):
    kpis = [await make_kpi(aggregation="average") for _ in range(3)]
    await story.measure(kpis[0], effect=5)
    for kpi in kpis:
        await story.ship(kpi)
    await story.look()
    async with context.database.session(workspace_id=workspace) as session:
        first = await KpiSnapshot().page(session, after=None, limit=2)
        rest = await KpiSnapshot().page(session, after=first[-1].subject_id, limit=2)
        (judged,) = await OutcomeSnapshot().page(session, after=None, limit=5)
    assert [str(each.subject_id) for each in (*first, *rest)] == [kpi["id"] for kpi in kpis]
    assert judged.data["verdict"] == "improved"
