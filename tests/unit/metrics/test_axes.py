from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain.axes import plain_number, round_marks, spread_out

FIGURES = st.floats(-1e12, 1e12, allow_nan=False, allow_infinity=False)


@given(FIGURES, FIGURES)
def test_marks_hold_every_figure_and_are_evenly_spaced(one, other):
    low, high = sorted((one, other))
    marks = round_marks(low, high)
    room = 1e-6 * max(1.0, abs(low), abs(high))
    assert marks[0] <= low + room
    assert marks[-1] >= high - room
    assert 2 <= len(marks) <= 12
    steps = [right - left for left, right in pairwise(marks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6, abs=1e-9)


def test_marks_are_round():
    assert round_marks(3, 97, about=6) == [0, 20, 40, 60, 80, 100]
    assert round_marks(0.12, 0.31, about=5) == [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]
    assert round_marks(5, 5, about=3) == [0, 5, 10]


@given(st.lists(st.floats(0, 1000), max_size=30).map(sorted), st.floats(1, 300))
def test_labels_never_overlap_and_the_last_has_one(places, apart):
    chosen = spread_out(places, apart=apart)
    assert all(places[b] - places[a] >= apart for a, b in pairwise(chosen))
    assert not places or chosen[-1] == len(places) - 1


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.125, "0.125"), (9999, "9999"), (12500, "12.5k"), (-3.2e6, "-3.2m"), (7e9, "7bn")]
)
def test_numbers_on_an_axis_are_short(value, text):
    assert plain_number(value) == text
