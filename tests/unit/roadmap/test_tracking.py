from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.states import FeatureStatus, Lifecycle, Step, TransitionRefused, advance
from services.roadmap.domain.tracking import (
    FORWARD,
    Contradiction,
    IssueReport,
    IssueWord,
    ReportedStatus,
    contradictions,
    next_step,
    reached,
    reported_status,
    requirement_contradictions,
)

NOW = datetime(2027, 1, 18, 10, tzinfo=UTC)
MOMENTS = st.none() | st.integers(-2_000, 30).map(lambda hours: NOW + timedelta(hours=hours))
WORDS = st.builds(IssueWord, st.none() | st.sampled_from(get_args(ReportedStatus)), MOMENTS, MOMENTS)
LIVES = st.builds(Lifecycle, st.sampled_from(get_args(FeatureStatus)), MOMENTS)


def days(number: float) -> datetime:
    return NOW + timedelta(days=number)


@given(LIVES, st.lists(WORDS, max_size=5))
def test_a_tracker_moves_forward_or_not_at_all(life: Lifecycle, words: list[IssueWord]) -> None:
    step = next_step(life, words, now=NOW)
    if step is None:
        return
    assert life.status in FORWARD
    assert FORWARD.index(step.to) > FORWARD.index(life.status)
    assert step.at <= NOW
    if step.to == "shipped":
        assert {word.status for word in words} <= {"shipped", "dropped"}
    # Nothing but the dates can keep it from happening, and then the issue's dates contradict the plan's.
    assert refusal(life, step) in {None, "dates_out_of_order", "date_in_future"}


def refusal(life: Lifecycle, step: Step) -> str | None:
    """Why the step cannot be taken."""
    try:
        advance(life, step, now=NOW)
    except TransitionRefused as refused:
        return refused.code
    return None


@given(st.lists(WORDS, max_size=5))
def test_the_order_of_issues_does_not_matter(words: list[IssueWord]) -> None:
    assert reached(words) == reached(words[::-1])


def test_what_was_never_heard_of_is_not_done() -> None:
    assert reached([IssueWord("shipped"), IssueWord(None)]) == "in_progress"
    assert reached([IssueWord("shipped"), IssueWord("dropped")]) == "shipped"
    assert reached([IssueWord("dropped")]) is None
    assert reached([]) is None


@pytest.mark.parametrize(("state", "status"), [("IN review", "planned"), ("Doing", "in_progress"), ("Parked", None)])
def test_the_teams_own_words_come_first(state: str, status: str | None) -> None:
    report = IssueReport("x", state, "started", NOW)
    assert reported_status(report, {"In Review": "planned", "Parked": None}) == status


@pytest.mark.parametrize(
    ("life", "word", "fields"),
    [
        (Lifecycle("in_progress", days(-5)), IssueWord("in_progress", days(-5)), []),
        (Lifecycle("in_progress", days(-5)), IssueWord("in_progress", days(-5.5)), []),
        (Lifecycle("in_progress", days(-5)), IssueWord("in_progress", days(-9)), ["started_at"]),
        (Lifecycle("in_progress", days(-5)), IssueWord("shipped", None, days(-9)), ["started_at"]),
        (Lifecycle("in_progress", days(-5)), IssueWord("dropped"), ["status"]),
        (Lifecycle("on_hold"), IssueWord("in_progress"), ["status"]),
        (Lifecycle("dropped"), IssueWord("dropped"), []),
        (Lifecycle("shipped", days(-9), days(-5)), IssueWord("shipped", days(-8), days(-6)), []),
        (Lifecycle("shipped", days(-9), days(-5)), IssueWord("shipped", days(-8), days(-1)), ["shipped_at"]),
        (Lifecycle("shipped", days(-9), days(-5)), IssueWord("in_progress", days(-8)), ["status"]),
        (Lifecycle("retired", days(-9), days(-5)), IssueWord(None), []),
        (Lifecycle("proposed"), IssueWord("dropped"), []),
    ],
)
def test_contradictions_are_those_that_cannot_both_be_right(
    life: Lifecycle, word: IssueWord, fields: list[str]
) -> None:
    assert [each.field for each in contradictions(life, word)] == fields


def test_a_requirement_that_was_declined_is_not_worked_on() -> None:
    opposed = requirement_contradictions("declined", IssueWord("in_progress"))
    assert list(opposed) == [Contradiction("status", "declined", "in_progress")]
    assert list(requirement_contradictions("declined", IssueWord("dropped"))) == []
    assert list(requirement_contradictions("measured", IssueWord("shipped"))) == []
    assert list(requirement_contradictions(None, IssueWord("shipped"))) == []
