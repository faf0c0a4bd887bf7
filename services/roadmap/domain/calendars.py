"""When teams work: weeks from Monday, public holidays, absences, and how many people that leaves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor

TENTHS = 10
"""People are counted in tenths, so that half a person is a whole number."""

MOST_OF_A_WEEK = 0.5

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 12, 31)
"""Calendars are asked about these years: beyond them nobody knows the holidays."""


class UnknownCountry(Exception):
    """The holidays of this country or subdivision are not known."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which a team works: ISO weekdays (Monday is 1), less the public holidays of its place."""

    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    free_days: frozenset[date] = frozenset()

    def workdays(self, monday: date) -> list[date]:
        """The working days of the week that begins on this Monday."""
        week = [monday + timedelta(days=offset) for offset in range(7)]
        return [day for day in week if day.isoweekday() in self.weekdays and day not in self.free_days]


@dataclass(frozen=True, slots=True)
class Staff:
    """People of one skill, from one day to another, ends included; open ends are open."""

    skill: str
    people: float
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """People who are away; no skill: of every skill; no number: all of them."""

    starts_on: date
    ends_on: date
    skill: str | None = None
    people: float | None = None


@dataclass(frozen=True, slots=True)
class WeekOfWork:
    """What one skill of a team can do in a week."""

    monday: date
    workdays: int
    people_tenths: int

    @property
    def person_days(self) -> float:
        return self.workdays * self.people_tenths / TENTHS


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def public_holidays(country: str, subdivision: str | None, years: Collection[int]) -> frozenset[date]:
    """ISO 3166 codes in, days out. Raises UnknownCountry."""
    from holidays import country_holidays  # noqa: PLC0415 -- a tenth of a second, and only teams with a country need it

    try:
        return frozenset(country_holidays(country, subdiv=subdivision, years=set(years)))
    except NotImplementedError as unknown:
        raise UnknownCountry(str(unknown)) from None


def capacity_of(
    calendar: Calendar, staff: Sequence[Staff], absences: Sequence[Absence], *, first: date, weeks: int
) -> dict[str, list[WeekOfWork]]:
    """For each skill its weeks from the Monday of `first`.

    Somebody counts for a week in which they are there on more than half of the team's usual working days: plans are
    made in whole weeks, and a single holiday does not stop the work of its week.
    """
    mondays = [monday_of(first) + timedelta(weeks=each) for each in range(weeks)]
    return {
        skill: [_week(calendar, staff, absences, skill=skill, monday=monday) for monday in mondays]
        for skill in sorted({each.skill for each in staff})
    }


def weeks_for(effort_days: float, *, people: float, days_a_week: float) -> int:
    """Whole weeks that so many people need for so many person-days."""
    if not effort_days:
        return 0
    whole = effort_days / (people * days_a_week)
    return max(1, floor(whole) + (whole - floor(whole) > 1e-9))


def days_a_week(weeks: Iterable[WeekOfWork]) -> float:
    """Working days of an average week, holidays taken off."""
    counts = [week.workdays for week in weeks]
    return sum(counts) / len(counts) if counts else 0.0


def _week(
    calendar: Calendar, staff: Sequence[Staff], absences: Sequence[Absence], *, skill: str, monday: date
) -> WeekOfWork:
    workdays = calendar.workdays(monday)
    usual = len(calendar.weekdays)
    there = sum(each.people for each in staff if each.skill == skill and _covers_most(each, workdays, usual))
    away = 0.0
    for each in absences:
        if each.skill in {None, skill} and _lasts_most(each, workdays, usual):
            away += there if each.people is None else each.people
    people = max(0.0, there - away) if len(workdays) > usual * MOST_OF_A_WEEK else 0.0
    return WeekOfWork(monday, len(workdays), floor(people * TENTHS + 1e-9))


def _covers_most(staff: Staff, workdays: Sequence[date], usual: int) -> bool:
    there = [
        day
        for day in workdays
        if (staff.starts_on is None or staff.starts_on <= day) and (staff.ends_on is None or day <= staff.ends_on)
    ]
    return len(there) > usual * MOST_OF_A_WEEK


def _lasts_most(absence: Absence, workdays: Sequence[date], usual: int) -> bool:
    there = [day for day in workdays if not absence.starts_on <= day <= absence.ends_on]
    return len(there) <= usual * MOST_OF_A_WEEK
