"""Likeness and calibration: the formulas, and the laws that a refit keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.calibration import SHIPPED
from services.requirements.domain.likeness import Likeness, standings
from services.requirements.domain.refitting import refit

shares = st.floats(0, 1)
likenesses = st.builds(Likeness, best=shares, centre=shares, words=shares, texts=st.integers(1, 9))
decisions = st.lists(st.tuples(st.tuples(shares, shares, shares, shares, shares), st.booleans()), max_size=40)


def test_a_single_text_has_no_centre_of_its_own() -> None:
    several = Likeness(best=0.5, centre=0.9, words=0.1, texts=2)
    assert several.score == pytest.approx(0.4 * 0.5 + 0.4 * 0.9 + 0.2 * 0.1)
    alone = Likeness(best=0.5, centre=0.5, words=0.1, texts=1)
    assert alone.score == pytest.approx(0.4 * 0.5 + 0.6 * 0.1)


@given(st.lists(likenesses, min_size=1, max_size=12))
def test_standings_fall_and_only_the_first_leads(found: list[Likeness]) -> None:
    placed = standings(found)
    scores = [each.likeness.score for each in placed]
    assert scores == sorted((each.score for each in found), reverse=True)
    assert placed[0].lead >= 0
    assert all(each.lead <= 0 for each in placed[1:])


@given(st.tuples(shares, shares, shares, st.floats(-1, 1), shares), st.floats(0, 0.5))
def test_more_likeness_never_lowers_the_probability(features: tuple[float, ...], more: float) -> None:
    best, words, centre, lead, crowding = features
    nearer = SHIPPED.probability((best + more, words, centre, lead + more, crowding))
    assert 0 <= SHIPPED.probability(features) <= nearer <= 1


@given(decisions)
def test_a_refit_is_a_calibrator_again_and_does_not_depend_on_the_order(
    told: list[tuple[tuple[float, ...], bool]],
) -> None:
    def fitted(rows: list[tuple[tuple[float, ...], bool]]) -> tuple[float, ...]:
        made = refit(SHIPPED, [each for each, _ in rows], [agreed for _, agreed in rows], name="own")
        return *made.weights, made.intercept

    assert fitted(told) == pytest.approx(fitted(told[::-1]), rel=1e-6, abs=1e-6)
    if not told:
        assert fitted(told) == (*SHIPPED.weights, SHIPPED.intercept)


def test_many_decisions_move_the_probability_to_what_they_say() -> None:
    features = (0.6, 0.2, 0.6, 0.1, 0.4)
    made = refit(SHIPPED, [features] * 400, [True] * 100 + [False] * 300, name="own")
    assert made.probability(features) == pytest.approx(0.25, abs=0.02)
