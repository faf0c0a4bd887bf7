"""Weeks and growth."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.trends import filled, growth, whole_weeks

counts = st.lists(st.integers(0, 1_000), min_size=8, max_size=30)


def test_weeks_that_are_over_begin_on_mondays() -> None:
    assert whole_weeks(date(2026, 2, 4), count=2) == [date(2026, 1, 19), date(2026, 1, 26)]
    assert filled([date(2026, 1, 19), date(2026, 1, 26)], {date(2026, 1, 26): 3}) == [0, 3]


@given(counts)
def test_the_interval_holds_the_ratio_and_turns_with_time(weekly: list[int]) -> None:
    found = growth(weekly)
    assert 0 < found.low <= found.ratio <= found.high
    if len(weekly) == 8:
        turned = growth(weekly[4:] + weekly[:4])
        assert turned.ratio == pytest.approx(1 / found.ratio)
        assert turned.low == pytest.approx(1 / found.high)


def test_growth_beyond_chance_shows() -> None:
    assert growth([10] * 4 + [30] * 4).low > 1
    assert growth([1, 0, 1, 0, 1, 0, 1, 1]).low < 1 < growth([1, 0, 1, 0, 1, 0, 1, 1]).high
