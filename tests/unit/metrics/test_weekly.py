"""When a digest is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.mail import pause_after
from services.metrics.domain.weekly import WEEKDAYS, Weekly

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kolkata", "Pacific/Apia"]).map(ZoneInfo)
TIMES = st.builds(Weekly, st.sampled_from(WEEKDAYS), st.integers(0, 23), ZONES)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
AN_HOUR = timedelta(hours=1)


@given(TIMES, MOMENTS)
def test_the_next_time_follows_the_last_one_by_a_week(weekly, moment):
    last, following = weekly.latest(moment), weekly.after(moment)
    assert last <= moment < following
    assert abs(following - last - timedelta(days=7)) <= AN_HOUR
    assert weekly.after(last) == following
    assert weekly.latest(following) == following


@given(TIMES, MOMENTS)
def test_it_is_due_at_that_hour_of_that_day_where_somebody_lives(weekly, moment):
    local = weekly.after(moment).astimezone(weekly.zone)
    assert WEEKDAYS[local.weekday()] == weekly.weekday
    assert local.hour - weekly.hour in (0, 1)  # 1 where the clock jumps over the hour


def test_attempts_become_rarer():
    assert [pause_after(count).total_seconds() for count in (1, 2, 3, 400)] == [60, 120, 240, 21_600]
