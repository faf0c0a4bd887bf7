"""How many weekdays lie between two days."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.loads import weekdays_between

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(-30, 800))
def test_they_are_as_many_as_the_library_counts(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    assert weekdays_between(first, last) == max(0, int(np.busday_count(first, last + timedelta(days=1))))


@pytest.mark.parametrize(("last", "count"), [(date(2026, 5, 1), 1), (date(2026, 5, 3), 1), (date(2026, 5, 4), 2)])
def test_a_weekend_has_none(last: date, count: int) -> None:
    assert weekdays_between(date(2026, 5, 1), last) == count, "the first of May 2026 is a Friday"
