"""Answers, hand-offs, and who is told of what, once."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.mail import LONGEST_PAUSE, pause_after
from services.roadmap.domain import handoffs
from services.roadmap.domain.attention import (
    Concern,
    Interest,
    Topic,
    notices_of,
    sentence_of,
)
from services.roadmap.domain.commitments import POSSIBLE, Answer, AnswerRefused, CommitmentStatus, answer_of, answered
from services.roadmap.domain.handoffs import HandoffStatus, StepRefused, require_step

TODAY = date(2027, 3, 10)
ANSWERED = datetime(2027, 3, 9, 8, tzinfo=UTC)
TOPICS: tuple[Topic, ...] = get_args(Topic)
ALL = Interest(id="all", topics=frozenset(TOPICS))

concerns = st.builds(
    Concern,
    kind=st.just("commitment"),
    id=st.sampled_from("xyz"),
    title=st.just("Terms"),
    due_on=st.dates(date(2027, 3, 1), date(2027, 3, 20)),
    is_open=st.booleans(),
    trouble=st.sampled_from([None, "at_risk", "declined"]),
    trouble_since=st.just(ANSWERED),
    teams=st.frozensets(st.sampled_from("ab")),
    feature=st.sampled_from([None, "f"]),
    release=st.none(),
)
interests = st.builds(
    Interest,
    id=st.sampled_from("12"),
    topics=st.frozensets(st.sampled_from(TOPICS)),
    team=st.sampled_from([None, "a"]),
    feature=st.sampled_from([None, "f", "g"]),
    release=st.sampled_from([None, "r"]),
)


@pytest.mark.parametrize("status", get_args(CommitmentStatus))
@pytest.mark.parametrize("answer", get_args(Answer))
def test_an_answer_is_possible_or_refused(status: CommitmentStatus, answer: Answer) -> None:
    if answer in POSSIBLE[status]:
        assert answered(status, answer, reason="Because.") != "asked"
    else:
        with pytest.raises(AnswerRefused):
            answered(status, answer, reason="Because.")


def test_to_decline_and_to_flag_a_risk_need_a_reason() -> None:
    for answer in ("decline", "flag_risk"):
        with pytest.raises(AnswerRefused):
            answered("asked", answer, reason=None)
    assert answered("asked", "accept", reason=None) == "accepted"


def test_a_check_in_answers_only_when_it_is_news() -> None:
    assert answer_of("off_track", "accepted") == "flag_risk"
    assert answer_of("at_risk", "at_risk") is None
    assert answer_of("on_track", "at_risk") == "accept"
    assert answer_of("on_track", "done") is None


def test_what_does_not_suffice_goes_back() -> None:
    way: list[HandoffStatus] = ["planned", "handed_over", "returned", "handed_over", "received"]
    for before, after in pairwise(way):
        require_step(before, after, reason="Texts are missing.")
    for before, after, reason in (("received", "planned", "x"), ("handed_over", "returned", None)):
        with pytest.raises(StepRefused):
            require_step(before, after, reason=reason)
    assert set(handoffs.STEPS) == set(get_args(HandoffStatus))


def test_late_is_news_once_for_each_day_it_was_due_on() -> None:
    late = Concern(kind="milestone", id="m", title="Beta is over", due_on=TODAY - timedelta(days=1))
    (first,) = notices_of([late], [ALL], today=TODAY)
    (later,) = notices_of([late], [ALL], today=TODAY + timedelta(days=30))
    assert first.occasion == later.occasion
    assert sentence_of(first) == "Milestone overdue since 9 March 2027: Beta is over"
    assert list(notices_of([late], [ALL], today=late.due_on)) == []


def test_a_risk_that_is_flagged_again_is_news_again() -> None:
    def occasion(at: datetime) -> str:
        concern = Concern(kind="commitment", id="c", title="Terms", due_on=TODAY, trouble="at_risk", trouble_since=at)
        (notice,) = notices_of([concern], [ALL], today=TODAY)
        return notice.occasion

    assert occasion(ANSWERED) == occasion(ANSWERED)
    assert occasion(ANSWERED) != occasion(ANSWERED + timedelta(hours=1))


@given(st.lists(concerns, max_size=4), st.lists(interests, max_size=4))
def test_nobody_is_told_of_what_they_did_not_ask_for(found: list[Concern], given_interests: list[Interest]) -> None:
    by_id: dict[str, list[Interest]] = {}
    for each in given_interests:
        by_id.setdefault(each.id, []).append(each)
    for notice in notices_of(found, given_interests, today=TODAY):
        assert any(each.covers(notice.concern, notice.topic) for each in by_id[notice.interest])
        if notice.topic == "overdue":
            assert notice.concern.is_open
            assert notice.concern.due_on < TODAY
        else:
            assert notice.concern.trouble == notice.topic


def test_pauses_double_up_to_six_hours() -> None:
    assert [pause_after(each) for each in (1, 2, 3)] == [timedelta(minutes=each) for each in (1, 2, 4)]
    assert pause_after(1_000) == LONGEST_PAUSE
