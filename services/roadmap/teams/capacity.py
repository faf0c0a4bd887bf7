"""What a team can do, from its row: the bridge to the pure calendar."""

from datetime import date

from services.roadmap.domain.calendars import Absence, Calendar, Staff, WeekOfWork, capacity_of, public_holidays
from services.roadmap.models import Team


def team_capacity(team: Team, *, first: date, weeks: int) -> dict[str, list[WeekOfWork]]:
    """The weeks of each skill from the Monday of `first`."""
    years = range(first.year - 1, first.year + weeks // 52 + 3)
    free_days = public_holidays(team.country, team.subdivision, years) if team.country else frozenset[date]()
    staff = [Staff(each.skill, each.people, each.starts_on, each.ends_on) for each in team.staff]
    absences = [Absence(each.starts_on, each.ends_on, each.skill, each.people) for each in team.absences]
    return capacity_of(Calendar(frozenset(team.weekdays), free_days), staff, absences, first=first, weeks=weeks)
