"""Kano's questionnaire: the printed table, coefficients worked out by hand, and how sure they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.kano import Answer, KanoSurvey, Quality, quality

LIKE, EXPECT, NEUTRAL, TOLERATE, DISLIKE = Answer
M, O, A, I, R, Q = Quality  # noqa: E741 -- as the table prints them

PRINTED = {
    LIKE: (Q, A, A, A, O),
    EXPECT: (R, I, I, I, M),
    NEUTRAL: (R, I, I, I, M),
    TOLERATE: (R, I, I, I, M),
    DISLIKE: (R, R, R, R, Q),
}


@pytest.mark.parametrize("functional", Answer)
def test_the_evaluation_table_is_the_printed_one(functional: Answer) -> None:
    assert tuple(quality(functional, each) for each in Answer) == PRINTED[functional]


SKIS = {
    # Answers in per cent (A, O, M, I, R, Q), what the requirement is, and its coefficients to two digits, worked out by
    # hand from the formulas: better = (A + O) / (A + O + M + I), worse = (O + M) / (A + O + M + I).
    "edge grip": ((7.0, 32.3, 49.3, 9.5, 0.3, 1.5), M, 0.40, 0.83),
    "ease of turn": ((10.4, 45.1, 30.5, 11.5, 1.2, 1.2), O, 0.57, 0.78),
    "service": ((63.8, 21.6, 2.9, 8.5, 0.7, 2.5), A, 0.89, 0.25),
}


@pytest.mark.parametrize("name", SKIS)
def test_coefficients_by_hand(name: str) -> None:
    shares, category, better, worse = SKIS[name]
    counts = {kind: round(share * 10) for kind, share in zip((A, O, M, I, R, Q), shares, strict=True)}
    survey = KanoSurvey({(kind, None): count for kind, count in counts.items()})
    told = survey.likely()
    assert survey.category is category
    assert told["better"] == pytest.approx(better, abs=0.01)
    assert told["worse"] == pytest.approx(worse, abs=0.01)


def test_ties_go_to_the_more_demanding() -> None:
    assert KanoSurvey({(A, None): 2, (O, None): 2, (M, None): 1}).category is O
    assert KanoSurvey({}).category is None


def test_importance_is_weighed_by_who_answered() -> None:
    survey = KanoSurvey.of([(LIKE, DISLIKE, 9, 1), (LIKE, NEUTRAL, 3, 1), (DISLIKE, LIKE, 1, 5)])
    assert survey.counts[R] == 5
    assert survey.likely() == {"better": 1.0, "worse": 0.5, "importance": pytest.approx(6 / 9)}


def test_answers_that_count_for_nothing_say_nothing() -> None:
    survey = KanoSurvey.of([(LIKE, LIKE, None, 3)])
    assert (survey.is_telling, survey.likely(), survey.draw(np.random.default_rng(1), 5)) == (False, {}, {})


cells = st.dictionaries(
    st.tuples(st.sampled_from(list(Quality)), st.none() | st.integers(1, 9)), st.integers(1, 200), min_size=1
)


@given(cells)
def test_draws_lie_within_bounds_around_the_likely(counts: dict[tuple[Quality, int | None], int]) -> None:
    survey = KanoSurvey(counts)
    for name, drawn in survey.draw(np.random.default_rng(5), 400).items():
        assert ((drawn >= 0) & (drawn <= 1)).all()
        assert float(drawn.mean()) == pytest.approx(survey.likely()[name], abs=0.15)
