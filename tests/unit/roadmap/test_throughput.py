"""Throughput: weeks to come drawn from weeks that were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.forecasting.throughput import NEVER, finishing_weeks


def test_a_steady_pace_leaves_no_doubt() -> None:
    weeks = finishing_weeks([2, 2, 2, 2], items=5, samples=50, seed=1)
    assert weeks.tolist() == [[each] * 50 for each in (0, 0, 1, 1, 2)]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12).filter(any), st.integers(1, 12), st.integers(0, 9))
def test_items_are_done_in_their_order_and_the_seed_decides(counts: list[int], items: int, seed: int) -> None:
    weeks = finishing_weeks(counts, items=items, samples=30, seed=seed)
    assert np.all(np.diff(weeks, axis=0) >= 0)
    assert np.all((weeks >= 0) & (weeks <= NEVER))
    assert np.array_equal(weeks, finishing_weeks(counts, items=items, samples=30, seed=seed))


def test_a_short_history_is_less_certain_than_a_long_one() -> None:
    short = finishing_weeks([0, 1, 2], items=20, samples=4_000, seed=1)[-1]
    long = finishing_weeks([0, 1, 2] * 10, items=20, samples=4_000, seed=1)[-1]
    assert np.std(short) > 1.3 * np.std(long)


def test_nothing_done_is_no_pace() -> None:
    with pytest.raises(ValueError, match="nothing was done"):
        finishing_weeks([0, 0], items=1, samples=10, seed=1)
