"""Where a KPI stands: moves, bands, progress."""

from datetime import UTC, datetime

import pytest

from services.metrics.domain.impact import Direction
from services.metrics.domain.standing import Limits, is_good_move, pace_of, progress_of, told_progress

BAND = Limits(40, 60)


@pytest.mark.parametrize(
    ("direction", "before", "after", "good"),
    [
        (Direction.UP, 1, 2, True),
        (Direction.UP, 2, 1, False),
        (Direction.DOWN, 2, 1, True),
        (Direction.UP, 2, 2, None),
        (Direction.BAND, 30, 38, True),
        (Direction.BAND, 50, 70, False),
        (Direction.BAND, 41, 59, None),
    ],
)
def test_a_move_is_good_where_it_goes_the_way_that_is_wanted(direction, before, after, good):
    assert is_good_move(before, after, direction=direction, limits=BAND) is good


@pytest.mark.parametrize(("value", "position"), [(39.9, "below"), (40, "within"), (60, "within"), (60.1, "above")])
def test_the_ends_of_a_band_belong_to_it(value, position):
    assert BAND.position(value) == position


@pytest.mark.parametrize(
    ("current", "baseline", "goal", "progress"),
    [(50, 40, 60, 0.5), (30, 40, 20, 0.5), (60, 60, 60, 1.0), (None, 40, 60, None), (50, None, 60, None)],
)
def test_progress_counts_from_the_baseline_whichever_way_the_goal_lies(current, baseline, goal, progress):
    assert progress_of(current, baseline=baseline, goal=goal) == progress


@pytest.mark.parametrize(
    ("current", "baseline", "progress"),
    [
        (30, 20, 0.5),
        (40, 20, 1.0),
        (55, 20, 1.0),
        (60, 90, 1.0),
        (75, 90, 0.5),
        (90, 50, 0.0),
        (50, 50, 1.0),
        (10, 20, -0.5),
    ],
)
def test_anywhere_within_a_band_is_there_from_whichever_side_one_comes(current, baseline, progress):
    assert progress_of(current, baseline=baseline, goal=50, limits=BAND) == progress


def test_pace_stays_between_the_first_day_and_the_last():
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)
    days = [datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]
    assert [pace_of(begin, end, day) for day in days] == [0, 0.5, 1]


def test_standing_is_told_by_the_pace():
    told = [told_progress(each, 0.5) for each in (None, 1.2, 0.5, 0.4)]
    assert told == ["unknown", "reached", "on_pace", "behind"]
