from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain.rollups import (
    CELL,
    Aggregation,
    Cell,
    EmptyBucket,
    Grain,
    bucket_start,
    buckets,
    cell_start,
    combine,
    fill,
)

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
MOMENT = datetime(2026, 3, 15, 12, tzinfo=UTC)

measured = st.builds(
    lambda value, minutes, sequence, weight: Cell.of(
        Decimal(value).scaleb(-3), at=MOMENT + timedelta(minutes=minutes), sequence=sequence, weight=Decimal(weight)
    ),
    st.integers(-(10**9), 10**9),
    st.integers(-10_000, 10_000),
    st.integers(0, 10**6),
    st.integers(0, 50),
)
moments = st.datetimes(datetime(2012, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "America/Asuncion"]
)


@given(st.lists(measured, max_size=12, unique_by=lambda cell: cell.last.sequence), st.randoms())
def test_a_total_depends_neither_on_order_nor_on_batches(cells, random):
    whole = combine(cells)
    shuffled = random.sample(cells, len(cells))
    cut = random.randint(0, len(cells))
    assert combine([combine(shuffled[:cut]), combine(shuffled[cut:])]) == whole


def test_each_aggregation_says_what_its_name_says():
    cells = [
        Cell.of(Decimal("0.1"), at=MOMENT + timedelta(hours=1), sequence=1, weight=Decimal(2)),
        Cell.of(Decimal("0.2"), at=MOMENT, sequence=2, weight=Decimal(4)),
    ]
    said = {aggregation: combine(cells).value(aggregation) for aggregation in Aggregation}
    assert said == {
        Aggregation.SUM: Decimal("0.3"),
        Aggregation.COUNT: 2,
        Aggregation.AVERAGE: Decimal("0.15"),
        Aggregation.MIN: Decimal("0.1"),
        Aggregation.MAX: Decimal("0.2"),
        Aggregation.LAST: Decimal("0.1"),
        Aggregation.RATIO: Decimal("0.05"),
        Aggregation.DISTINCT: None,
        Aggregation.PERCENTILE: None,
        Aggregation.CALCULATED: None,
    }


def test_nothing_measured_says_nothing():
    assert all(Cell().value(aggregation) is None for aggregation in Aggregation)


def test_a_ratio_over_zero_says_nothing():
    assert Cell.of(Decimal(3), at=MOMENT, sequence=1, weight=Decimal(0)).value(Aggregation.RATIO) is None


def test_of_two_last_measurements_at_one_instant_the_one_received_later_counts():
    cells = [Cell.of(Decimal(7), at=MOMENT, sequence=9), Cell.of(Decimal(5), at=MOMENT, sequence=3)]
    assert combine(cells).value(Aggregation.LAST) == 7


@given(moments, zones, st.sampled_from(Grain))
def test_a_bucket_holds_its_moment_and_is_made_of_whole_cells(moment, zone, grain):
    start = bucket_start(moment, grain, ZoneInfo(zone))
    assert start <= moment
    assert cell_start(start) == start
    assert bucket_start(start, grain, ZoneInfo(zone)) == start


@given(moments, zones, st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]))
def test_buckets_follow_one_another_without_gap_or_overlap(moment, zone, grain):
    starts = list(buckets(moment, moment + timedelta(days=800), grain, ZoneInfo(zone)))
    assert starts[0] <= moment < starts[1]
    assert starts == [bucket_start(start + CELL, grain, ZoneInfo(zone)) for start in starts]
    assert starts == sorted(set(starts))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_local_day_is_as_long_as_it_is_lived(day, hours):
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=BERLIN)
    first, second = list(buckets(noon, noon + timedelta(days=1), Grain.DAY, BERLIN))[:2]
    assert second - first == timedelta(hours=hours)


def test_weeks_begin_on_monday_and_local_hours_where_the_zone_says():
    assert bucket_start(MOMENT, Grain.WEEK, BERLIN) == datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert bucket_start(MOMENT, Grain.HOUR, KOLKATA) == datetime(2026, 3, 15, 11, 30, tzinfo=UTC)


def test_gaps_are_told_as_the_policy_says():
    figures = [None, Decimal(2), None]
    assert fill(figures, EmptyBucket.NULL) == [None, 2, None]
    assert fill(figures, EmptyBucket.ZERO) == [0, 2, 0]
    assert fill(figures, EmptyBucket.CARRY, carried=Decimal(1)) == [1, 2, 2]
