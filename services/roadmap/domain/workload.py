"""What teams have, what is booked and planned of it, and what is left: team x skill x week."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.roadmap.domain.calendars import WeekOfWork, monday_of
from services.roadmap.domain.loads import DatedWork, spread, weekdays_between

Row = tuple[str, str]
"""A team and a skill of its people."""


@dataclass(frozen=True, slots=True)
class Booking:
    """So many people of a skill of a team, from one day to another, ends included; for a feature, or for itself."""

    team: str
    skill: str
    people: float
    starts_on: date
    ends_on: date
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """Dated work of a feature; without a team it is anybody's who has the skill."""

    feature: str
    skill: str
    effort_days: float
    starts_on: date
    ends_on: date
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOfDemand:
    """Person-days of a week: what there is, what is booked, what roadmaps plan, and by which features."""

    monday: date
    capacity_days: float
    booked_days: float
    planned_days: float
    features: tuple[tuple[str, float], ...] = ()

    @property
    def free_days(self) -> float:
        """What is left; never below 0."""
        return max(0.0, round(self.capacity_days - self.booked_days - self.planned_days, 4))

    @property
    def over_days(self) -> float:
        """How much more is asked than there is."""
        return max(0.0, round(self.booked_days + self.planned_days - self.capacity_days, 4))


@dataclass(frozen=True, slots=True)
class Need:
    """Person-days of a skill; of one team, or of any."""

    skill: str
    days: float
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """What a need finds free."""

    need: Need
    free_days: float

    @property
    def short_days(self) -> float:
        return max(0.0, round(self.need.days - self.free_days, 2))


def workload(
    capacities: Mapping[Row, Sequence[WeekOfWork]],
    work: Iterable[PlannedWork],
    bookings: Iterable[Booking],
    *,
    first: date,
    weeks: int,
) -> dict[Row, list[WeekOfDemand]]:
    """One row for each team and skill that has or is asked for something.

    Planned work is spread evenly over its weekdays. Where people were booked for a feature, the booking takes the
    place of what the feature's work packages ask of the same skill of the same team.
    """
    mondays = [monday_of(first) + timedelta(weeks=each) for each in range(weeks)]
    bookings = list(bookings)
    settled = {(each.team, each.skill, each.feature) for each in bookings if each.feature}
    asked: dict[tuple[str, str, date], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for each in work:
        if each.team is not None and (each.team, each.skill, each.feature) not in settled:
            for monday, days in _weeks_of(each, each.team, mondays).items():
                asked[each.team, each.skill, monday][each.feature] += days
    rows = {*capacities, *((row[0], row[1]) for row in asked), *((each.team, each.skill) for each in bookings)}
    found = {(*row, week.monday): week for row, kept in capacities.items() for week in kept}
    booked = _booked(bookings, mondays, found)
    return {
        (team, skill): [
            _week(monday, found.get((team, skill, monday)), booked[team, skill, monday], asked[team, skill, monday])
            for monday in mondays
        ]
        for team, skill in sorted(rows)
    }


def fits(
    needs: Sequence[Need],
    demand: Mapping[Row, Sequence[WeekOfDemand]],
    unassigned: Iterable[PlannedWork],
    *,
    starts_on: date,
    ends_on: date,
) -> list[Fit]:
    """What each need finds free between two days, ends included; needs share what is free, in the order given.

    Of a week that lies partly in the period its share of weekdays counts. Work that is planned for no team takes from
    what all teams with the skill have together.
    """
    free = {
        row: sum(_share(week.monday, starts_on, ends_on) * week.free_days for week in weeks)
        for row, weeks in demand.items()
    }
    taken: dict[str, float] = defaultdict(float)
    for each in unassigned:
        total = weekdays_between(each.starts_on, each.ends_on) or 1
        inside = weekdays_between(max(each.starts_on, starts_on), min(each.ends_on, ends_on))
        taken[each.skill] += each.effort_days * inside / total
    found = []
    for need in needs:
        rows = [row for row in sorted(free) if row[1] == need.skill and need.team in {None, row[0]}]
        open_days = sum(free[row] for row in rows)
        if need.team is None:
            open_days = max(0.0, open_days - taken[need.skill])
        found.append(Fit(need, round(open_days, 2)))
        _take(free, rows, min(need.days, open_days))
    return found


def _take(free: dict[Row, float], rows: Sequence[Row], days: float) -> None:
    for row in rows:
        part = min(days, free[row])
        free[row] -= part
        days -= part


def _week(monday: date, kept: WeekOfWork | None, booked_days: float, asked: Mapping[str, float]) -> WeekOfDemand:
    features = sorted(asked.items(), key=lambda each: (-each[1], each[0]))
    return WeekOfDemand(
        monday=monday,
        capacity_days=round(kept.person_days, 4) if kept else 0.0,
        booked_days=round(booked_days, 4),
        planned_days=round(sum(asked.values()), 4),
        features=tuple((feature, round(days, 4)) for feature, days in features),
    )


def _weeks_of(work: PlannedWork, team: str, mondays: Sequence[date]) -> dict[date, float]:
    return spread(DatedWork(team, work.skill, work.effort_days, work.starts_on, work.ends_on), mondays)


def _booked(
    bookings: Iterable[Booking], mondays: Sequence[date], found: Mapping[tuple[str, str, date], WeekOfWork]
) -> dict[tuple[str, str, date], float]:
    """People times the days that they are booked, as far as their team works on them."""
    booked: dict[tuple[str, str, date], float] = defaultdict(float)
    for each in bookings:
        for monday in mondays:
            days = weekdays_between(max(monday, each.starts_on), min(monday + timedelta(days=4), each.ends_on))
            week = found.get((each.team, each.skill, monday))
            booked[each.team, each.skill, monday] += each.people * (min(days, week.workdays) if week else days)
    return booked


def _share(monday: date, starts_on: date, ends_on: date) -> float:
    return weekdays_between(max(monday, starts_on), min(monday + timedelta(days=4), ends_on)) / 5
