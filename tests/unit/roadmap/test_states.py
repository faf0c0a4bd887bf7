"""A feature's life keeps its order: no step is invented, no date lies ahead, nothing stops without a reason."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.states import STEPS, FeatureStatus, Lifecycle, Step, TransitionRefused, advance

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

steps = st.builds(
    Step,
    to=st.sampled_from(get_args(FeatureStatus)),
    at=st.integers(-20, 5).map(lambda days: NOW + days * DAY),
    reason=st.sampled_from([None, "Because"]),
    started_at=st.none() | st.integers(-20, 5).map(lambda days: NOW + days * DAY),
    actual_effort_days=st.none() | st.floats(0, 100),
)


@given(st.lists(steps, max_size=12))
def test_whatever_people_record_the_dates_stay_in_order(taken: list[Step]) -> None:
    life = Lifecycle()
    for step in taken:
        before = life
        try:
            life = advance(life, step, now=NOW)
        except TransitionRefused:
            assert life is before
            continue
        assert life.status in STEPS[before.status]
        moments = [moment for moment in (life.started_at, life.shipped_at, life.retired_at) if moment]
        assert moments == sorted(moments)
        assert all(moment <= NOW for moment in moments)
        assert (life.shipped_at is not None) == (life.status in {"shipped", "retired"})


def test_work_that_ships_keeps_when_it_began_and_what_it_took() -> None:
    life = advance(Lifecycle("planned"), Step("in_progress", at=NOW - 9 * DAY), now=NOW)
    life = advance(life, Step("shipped", at=NOW - DAY, actual_effort_days=4.5), now=NOW)
    assert life == Lifecycle("shipped", NOW - 9 * DAY, NOW - DAY, None, 4.5)


@pytest.mark.parametrize(
    ("life", "step", "code"),
    [
        (Lifecycle("shipped"), Step("in_progress", at=NOW), "transition_not_allowed"),
        (Lifecycle("planned"), Step("shipped", at=NOW + DAY), "date_in_future"),
        (Lifecycle("planned"), Step("dropped", at=NOW), "reason_required"),
        (Lifecycle("in_progress", started_at=NOW), Step("shipped", at=NOW - DAY), "dates_out_of_order"),
        (Lifecycle("shipped", shipped_at=NOW), Step("retired", at=NOW - DAY, reason="Old"), "dates_out_of_order"),
    ],
)
def test_a_step_that_cannot_be_is_refused_by_name(life: Lifecycle, step: Step, code: str) -> None:
    with pytest.raises(TransitionRefused) as refused:
        advance(life, step, now=NOW)
    assert refused.value.code == code


def test_the_way_ahead_is_named() -> None:
    with pytest.raises(TransitionRefused, match="it can become: retired"):
        advance(Lifecycle("shipped"), Step("planned", at=NOW), now=NOW)
