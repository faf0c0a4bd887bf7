"""Scores: the published formula, contributions that add up, intervals that come again."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.methods import RICE
from services.requirements.domain.scoring import (
    Belief,
    Candidate,
    Pool,
    Range,
    draw_scores,
    explain,
    interval,
    reference_point,
)

rice_inputs = st.fixed_dictionaries(
    {
        "reach": st.floats(0, 1e6),
        "impact": st.floats(0, 3),
        "confidence": st.floats(0, 1),
        "effort": st.floats(0.01, 1e3),
    }
)


@given(rice_inputs, rice_inputs)
def test_printed_contributions_add_up_exactly(mine: dict[str, float], middling: dict[str, float]) -> None:
    told = explain(RICE, given=mine, reference=middling)
    parts = [Decimal(repr(part)) for part in (told.reference_score, *told.contributions.values())]
    assert sum(parts) == Decimal(repr(told.score))
    largest = max(abs(float(part)) for part in parts)
    assert math.isclose(told.score, RICE.value(mine), rel_tol=1e-9, abs_tol=largest * 1e-11 + 1e-15)


def test_an_input_at_its_reference_contributes_nothing() -> None:
    middling = {"reach": 100.0, "impact": 1.0, "confidence": 0.5, "effort": 2.0}
    told = explain(RICE, given=middling | {"reach": 200.0}, reference=middling)
    assert told.contributions == {"reach": 25.0, "impact": 0.0, "confidence": 0.0, "effort": 0.0}


def test_shapley_shares_of_a_worked_example() -> None:
    # f = reach * impact, from (1, 1) to (3, 2): phi_reach = (2 + 4) / 2 = 3, phi_impact = (1 + 3) / 2 = 2
    start = {"reach": 1.0, "impact": 1.0, "confidence": 1.0, "effort": 1.0}
    told = explain(RICE, given=start | {"reach": 3.0, "impact": 2.0}, reference=start)
    assert (told.contributions["reach"], told.contributions["impact"]) == (3.0, 2.0)
    assert (told.reference_score, told.score) == (1.0, 6.0)


ESTIMATES: dict[str, Belief] = {
    "reach": Range(100, 400, 1000),
    "impact": Range.exactly(2),
    "confidence": Range(0.5, 0.8, 0.9),
    "effort": Range(1, 2, 5),
}


def test_draws_depend_on_seed_and_key_only() -> None:
    first = draw_scores(RICE, Candidate(ESTIMATES), key="a", seed=7, draws=500)
    again = draw_scores(RICE, Candidate(ESTIMATES), key="a", seed=7, draws=500)
    other = draw_scores(RICE, Candidate(ESTIMATES), key="b", seed=7, draws=500)
    assert (first == again).all()
    assert (first != other).any()


def test_the_interval_lies_around_the_likely_score() -> None:
    low, high = interval(draw_scores(RICE, Candidate(ESTIMATES), key="a", seed=1, draws=4000))
    assert 100 * 2 * 0.5 / 5 < low < RICE.value(RICE.likely(Candidate(ESTIMATES))) < high < 1000 * 2 * 0.9 / 1


def test_certain_inputs_give_a_point() -> None:
    sure: dict[str, Belief] = {name: Range.exactly(given.likely) for name, given in ESTIMATES.items()}
    assert interval(draw_scores(RICE, Candidate(sure), key="a", seed=1, draws=10)) == (320.0, 320.0)


def test_pert_mean_is_the_textbook_one() -> None:
    # (low + 4 likely + high) / 6, Malcolm et al. 1959
    sure = dict.fromkeys(("impact", "confidence", "effort"), Range.exactly(1))
    only_reach: dict[str, Belief] = {**sure, "reach": Range(0, 30, 120)}
    drawn = draw_scores(RICE, Candidate(only_reach), key="a", seed=3, draws=20_000)
    assert float(drawn.mean()) == pytest.approx((0 + 4 * 30 + 120) / 6, rel=0.02)


@pytest.mark.parametrize(
    ("name", "wrong"), [("effort", Range(0, 1, 2)), ("confidence", Range(0.5, 0.9, 1.1)), ("reach", Range(-1, 0, 1))]
)
def test_inputs_out_of_bounds_are_named(name: str, wrong: Range) -> None:
    with pytest.raises(ValueError, match=name):
        RICE.check(Candidate(ESTIMATES | {name: wrong}))


def test_a_missing_input_is_named() -> None:
    with pytest.raises(ValueError, match="needs reach"):
        RICE.check(Candidate({}))


def test_a_range_runs_upwards() -> None:
    with pytest.raises(ValueError, match="low <= likely <= high"):
        Range(2, 1, 3)


def test_the_reference_is_the_median() -> None:
    sizes = [{"reach": float(n), "impact": 1.0, "confidence": 1.0, "effort": 1.0} for n in (1, 5, 100)]
    assert reference_point(sizes, method=RICE)["reach"] == 5.0


def test_a_pool_believes_each_person_in_turn() -> None:
    pool = Pool((Range.exactly(10), Range.exactly(30)))
    assert (pool.low, pool.likely, pool.high) == (10, 20, 30)
    only_reach = ESTIMATES | {"reach": pool, "confidence": Range.exactly(1), "effort": Range.exactly(1)}
    drawn = draw_scores(RICE, Candidate(only_reach | {"impact": Range.exactly(1)}), key="a", seed=3, draws=10_000)
    assert set(drawn) == {10.0, 30.0}
    assert float(drawn.mean()) == pytest.approx(20, abs=0.5)
