"""What a team can do, from its row: the bridge to the pure calendar."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.roadmap.domain.calendars import (
    Absence,
    Calendar,
    Staff,
    WeekOfWork,
    capacity_of,
    monday_of,
    public_holidays,
)
from services.roadmap.models import Team


def team_capacity(
    team: Team, *, first: date, weeks: int, reserved: Sequence[Absence] = ()
) -> dict[str, list[WeekOfWork]]:
    """The weeks of each skill from the Monday of `first`; people who are `reserved` count as away."""
    staff = [Staff(each.skill, each.people, each.starts_on, each.ends_on) for each in team.staff]
    absences = [Absence(each.starts_on, each.ends_on, each.skill, each.people) for each in team.absences]
    absences += reserved
    return capacity_of(_calendar(team, first=first, weeks=weeks), staff, absences, first=first, weeks=weeks)


def team_workdays(team: Team, *, first: date, weeks: int) -> list[date]:
    """The days on which the team works, from the Monday of `first`."""
    calendar = _calendar(team, first=first, weeks=weeks)
    mondays = (monday_of(first) + timedelta(weeks=each) for each in range(weeks))
    return [day for monday in mondays for day in calendar.workdays(monday)]


def _calendar(team: Team, *, first: date, weeks: int) -> Calendar:
    years = range(first.year - 1, first.year + weeks // 52 + 3)
    free_days = public_holidays(team.country, team.subdivision, years) if team.country else frozenset[date]()
    return Calendar(frozenset(team.weekdays), free_days)
