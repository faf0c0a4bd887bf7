from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain import accumulation
from services.metrics.domain.accumulation import Amount
from services.metrics.domain.dependencies import closes_a_cycle, reachable

FIRST = datetime(2026, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def amounts(*values):
    return [
        Amount(FIRST + place * DAY, None if value is None else Decimal(value)) for place, value in enumerate(values)
    ]


def running_totals(*given, **more):
    return list(accumulation.running_totals(*given, plus=add, **more))


def moving_totals(*given, **more):
    return list(accumulation.moving_totals(*given, plus=add, **more))


def ends(count):
    return [FIRST + (place + 1) * DAY for place in range(count)]


def test_a_total_runs_on_through_gaps_and_says_nothing_before_the_first():
    assert running_totals(amounts(None, 1, None, 2), ends(4)) == [None, 1, 1, 3]
    assert running_totals(amounts(None, 1), ends(2), carried=Decimal(5)) == [5, 6]


def test_a_total_begins_anew_where_its_stretch_does():
    told = running_totals(amounts(1, 2, 3, 4), ends(4), stretch_of=lambda start: start.month)
    assert told == [1, 3, 3, 7]


def test_periods_may_be_longer_than_the_amounts():
    assert running_totals(amounts(1, 2, 3, 4), [FIRST + 2 * DAY, FIRST + 4 * DAY]) == [3, 10]


def test_a_window_moves_along():
    assert moving_totals(amounts(1, 2, None, 4), ends(4), window=2 * DAY) == [1, 3, 2, 4]
    assert moving_totals(amounts(1, None, None), ends(3), window=DAY) == [1, None, None]


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=30))
def test_a_window_over_everything_is_the_running_total(values):
    whole = moving_totals(amounts(*values), ends(len(values)), window=len(values) * DAY)
    assert whole == running_totals(amounts(*values), ends(len(values)))


@given(
    st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=30),
    st.integers(1, 30),
    st.integers(1, 4),
)
def test_a_window_takes_nothing_away_and_yet_holds_only_its_own(values, days, every):
    at = ends(len(values))[every - 1 :: every]
    told = list(accumulation.moving_totals(amounts(*values), at, window=days * DAY, plus=max))
    within = ([each for each in values[max(0, place - days) : place] if each is not None] for place in _days(at))
    assert told == [max(each, default=None) for each in within]


def _days(moments):
    return [(each - FIRST) // DAY for each in moments]


def test_what_rests_on_itself_is_noticed():
    below = {"margin": ["revenue", "costs"], "revenue": ["orders"]}
    assert reachable(["margin"], below) == {"margin", "revenue", "costs", "orders"}
    assert closes_a_cycle("orders", ["margin"], below)
    assert closes_a_cycle("orders", ["orders"], below)
    assert not closes_a_cycle("margin", ["orders"], below)
