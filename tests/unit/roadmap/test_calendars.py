"""Weeks, holidays and absences leave the people that they should."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.calendars import (
    Absence,
    Calendar,
    Staff,
    UnknownCountry,
    capacity_of,
    days_a_week,
    monday_of,
    public_holidays,
    weeks_for,
)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(days)
def test_a_week_begins_on_its_monday(day: date) -> None:
    monday = monday_of(day)
    assert monday.isoweekday() == 1
    assert timedelta(0) <= day - monday < timedelta(days=7)


@given(days, days, st.integers(0, 5), st.integers(1, 9))
def test_nobody_works_more_than_there_are(one: date, other: date, away: int, there: int) -> None:
    absences = [Absence(min(one, other), max(one, other), "code", away)]
    weeks = capacity_of(Calendar(), [Staff("code", there)], absences, first=date(2026, 1, 1), weeks=60)["code"]
    assert len(weeks) == 60
    assert {week.people_tenths for week in weeks} <= {there * 10, max(0, there - away) * 10}


def test_christmas_closes_the_week_that_it_takes_most_of() -> None:
    """25 and 26 December 2026 are a Friday and a Saturday; in 2029 Tuesday and Wednesday."""
    free = public_holidays("DE", "BY", [2026, 2027, 2029])
    assert date(2026, 12, 25) in free
    weeks = capacity_of(Calendar(free_days=free), [Staff("code", 2.5)], [], first=date(2026, 12, 21), weeks=2)["code"]
    assert [(week.workdays, week.people_tenths) for week in weeks] == [(4, 25), (4, 25)]
    closed = Calendar(free_days=free | {date(2026, 12, each) for each in (21, 22)})
    weeks = capacity_of(closed, [Staff("code", 2)], [], first=date(2026, 12, 21), weeks=1)["code"]
    assert [(week.workdays, week.people_tenths, week.person_days) for week in weeks] == [(2, 0, 0.0)]


def test_people_come_go_and_are_away_by_skill() -> None:
    staff = [Staff("code", 2, ends_on=date(2026, 1, 14)), Staff("art", 1, starts_on=date(2026, 1, 8))]
    absences = [Absence(date(2026, 1, 19), date(2026, 1, 23))]
    found = capacity_of(Calendar(), staff, absences, first=date(2026, 1, 5), weeks=3)
    # Three of five days there count as the week; two of five do not.
    assert [week.people_tenths for week in found["code"]] == [20, 20, 0]
    assert [week.people_tenths for week in found["art"]] == [0, 10, 0]


@given(st.floats(0.1, 500), st.floats(0.5, 9), st.floats(1, 5))
def test_whole_weeks_are_enough_and_not_one_too_many(effort: float, people: float, a_week: float) -> None:
    weeks = weeks_for(effort, people=people, days_a_week=a_week)
    assert weeks * people * a_week >= effort - 1e-6
    assert weeks == 1 or (weeks - 1) * people * a_week < effort


def test_no_work_takes_no_time_and_an_unknown_place_is_refused() -> None:
    assert weeks_for(0, people=1, days_a_week=5) == 0
    assert days_a_week([]) == 0
    with pytest.raises(UnknownCountry):
        public_holidays("XX", None, [2026])
