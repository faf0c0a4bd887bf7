from datetime import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain.alerting import Change, Fixed, Odd, Outside, breach, is_quiet

NAN = float("nan")
ABOVE_TEN = Fixed(10, is_above=True)


@pytest.mark.parametrize(
    ("values", "periods", "row"),
    [
        ([1, 11], 1, 1),
        ([1, 11, 12], 1, 1),
        ([1, 11, 12], 2, 2),
        ([1, 11, 12], 3, None),
        ([11, 12, 1], 1, None),
        ([1, 11, NAN, 12, NAN], 2, 3),
        ([NAN, NAN], 1, None),
        ([], 1, None),
    ],
)
def test_a_breach_is_a_run_that_lasts_until_now(values, periods, row):
    assert breach(np.array(values, dtype=float), ABOVE_TEN, periods=periods) == row


@given(st.lists(st.sampled_from([1.0, 20.0, NAN]), max_size=12), st.integers(1, 4))
def test_while_a_run_goes_on_its_row_stays(values, periods):
    before = breach(np.array(values), ABOVE_TEN, periods=periods)
    after = breach(np.array([*values, 20.0]), ABOVE_TEN, periods=periods)
    if before is not None:
        assert after == before
    assert breach(np.array([*values, 1.0]), ABOVE_TEN, periods=periods) is None


def test_a_change_is_held_against_the_period_so_many_before():
    rise = Change(20, 2, is_rise=True, is_fall=False)
    assert breach(np.array([10, 50, 12.1]), rise, periods=1) == 2
    assert breach(np.array([10, 50, 11.9]), rise, periods=1) is None
    assert breach(np.array([10, 50, 7]), rise, periods=1) is None
    assert breach(np.array([10, 50, 7]), Change(20, 2, is_rise=False, is_fall=True), periods=1) == 2
    assert breach(np.array([0, 50]), Change(20, 1, is_rise=True, is_fall=True), periods=1) is None
    assert breach(np.array([-10, -7]), Change(20, 1, is_rise=True, is_fall=False), periods=1) == 1


def test_the_ends_of_a_band_belong_to_it():
    band = Outside(1, 2)
    assert breach(np.array([1.0, 2.0]), band, periods=1) is None
    assert breach(np.array([1.0, 2.1]), band, periods=1) == 1


def test_only_rows_out_of_the_ordinary_count():
    assert breach(np.array([1.0, 9.0]), Odd(frozenset({1})), periods=1) == 1
    assert breach(np.array([9.0, 1.0]), Odd(frozenset({0})), periods=1) is None


@pytest.mark.parametrize(
    ("now", "begins", "ends", "quiet"),
    [
        ("23:00", "22:00", "07:00", True),
        ("06:59", "22:00", "07:00", True),
        ("07:00", "22:00", "07:00", False),
        ("12:00", "12:00", "13:00", True),
        ("11:59", "12:00", "13:00", False),
        ("12:00", "12:00", "12:00", False),
    ],
)
def test_quiet_hours_may_reach_over_midnight(now, begins, ends, quiet):
    at, first, last = (time.fromisoformat(each) for each in (now, begins, ends))
    assert is_quiet(at, begins=first, ends=last) is quiet
    assert not is_quiet(at, begins=None, ends=None)
