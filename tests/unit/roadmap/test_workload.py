"""What is left of each team's weeks, and whether some effort fits into it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.calendars import Calendar, Staff, WeekOfWork, capacity_of
from services.roadmap.domain.horizons import column_of
from services.roadmap.domain.workload import Booking, Fit, Need, PlannedWork, Row, WeekOfDemand, fits, workload

MONDAY = date(2027, 3, 1)
WEEKS = 6
DAYS = st.dates(MONDAY, MONDAY + timedelta(weeks=WEEKS, days=-1))


def house(**people: float) -> dict[Row, list[WeekOfWork]]:
    """Teams by name, each with coders."""
    found = {}
    for team, count in people.items():
        weeks = capacity_of(Calendar(), [Staff("code", count)], [], first=MONDAY, weeks=WEEKS)
        found[team, "code"] = weeks["code"]
    return found


def demand(work: list[PlannedWork], bookings: list[Booking], **people: float) -> dict[Row, list[WeekOfDemand]]:
    return workload(house(**people), work, bookings, first=MONDAY, weeks=WEEKS)


@st.composite
def planned(draw: st.DrawFn) -> PlannedWork:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    effort = draw(st.floats(0, 50))
    return PlannedWork(draw(st.sampled_from("fgh")), "code", effort, first, last, draw(st.sampled_from(["a", "b"])))


def test_too_much_is_seen_with_who_asks_for_it() -> None:
    week = MONDAY, MONDAY + timedelta(days=4)
    work = [PlannedWork("f", "code", 6, *week, "a"), PlannedWork("g", "code", 3, *week, "a")]
    first = demand(work, [Booking("a", "code", 0.5, *week)], a=2)["a", "code"][0]
    assert (first.capacity_days, first.planned_days, first.booked_days) == (10, 9, 2.5)
    assert (first.over_days, first.free_days, first.features) == (1.5, 0, (("f", 6), ("g", 3)))


def test_a_booking_for_a_feature_takes_the_place_of_its_packages() -> None:
    week = MONDAY, MONDAY + timedelta(days=4)
    first = demand([PlannedWork("f", "code", 9, *week, "a")], [Booking("a", "code", 1, *week, "f")], a=2)["a", "code"][
        0
    ]
    assert (first.planned_days, first.booked_days, first.free_days) == (0, 5, 5)


@given(st.lists(planned(), max_size=6))
def test_no_work_is_lost_between_the_weeks(work: list[PlannedWork]) -> None:
    found = demand(work, [], a=2, b=1)
    spread = sum(week.planned_days for weeks in found.values() for week in weeks)
    assert spread == pytest.approx(sum(each.effort_days for each in work), abs=0.01)
    for weeks in found.values():
        for week in weeks:
            assert not (week.free_days and week.over_days)
            assert week.planned_days == pytest.approx(sum(days for _, days in week.features), abs=0.001)


@given(st.lists(planned(), max_size=4), st.lists(st.floats(0, 60), min_size=1, max_size=3), DAYS, DAYS)
def test_needs_never_take_more_than_is_free(work: list[PlannedWork], days: list[float], one: date, other: date) -> None:
    first, last = sorted((one, other))
    found = demand(work, [], a=2, b=1)
    answers = fits([Need("code", each) for each in days], found, [], starts_on=first, ends_on=last)
    together = fits([Need("code", 0)], found, [], starts_on=first, ends_on=last)[0].free_days
    assert sum(min(each.need.days, each.free_days) for each in answers) <= together + 0.05
    assert all(each.short_days >= 0 for each in answers)


def test_of_a_week_its_days_in_the_period_count_and_teams_can_be_named() -> None:
    found = demand([], [], a=2, b=1)
    wednesday = MONDAY + timedelta(days=2)
    assert fits([Need("code", 9)], found, [], starts_on=wednesday, ends_on=wednesday) == [Fit(Need("code", 9), 3)]
    own = fits([Need("code", 3, "b"), Need("code", 3)], found, [], starts_on=wednesday, ends_on=wednesday)
    assert [(each.free_days, each.short_days) for each in own] == [(1, 2), (2, 1)]


def test_work_for_no_team_takes_from_all_of_them() -> None:
    week = MONDAY, MONDAY + timedelta(days=4)
    unassigned = [PlannedWork("f", "code", 10, MONDAY, MONDAY + timedelta(days=11))]
    (found,) = fits([Need("code", 11)], demand([], [], a=2, b=1), unassigned, starts_on=week[0], ends_on=week[1])
    assert (found.free_days, found.short_days) == (10, 1)


def test_where_people_put_it_counts_before_dates() -> None:
    soon, far = MONDAY + timedelta(days=30), MONDAY + timedelta(days=200)
    assert column_of("planned", "later", MONDAY, today=MONDAY) == "later"
    assert [column_of("planned", None, day, today=MONDAY) for day in (MONDAY, soon, far, None)] == [
        "now",
        "next",
        "later",
        "later",
    ]
    assert (column_of("in_progress", None, None, today=MONDAY), column_of("shipped", "now", None, today=MONDAY)) == (
        "now",
        "shipped",
    )
