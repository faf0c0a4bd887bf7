"""What a plan asks of each team and skill, week by week, beside what they have."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.roadmap.domain.calendars import WeekOfWork, monday_of
from services.roadmap.domain.plans import Load, WeekOfLoad


@dataclass(frozen=True, slots=True)
class DatedWork:
    """Person-days of one skill of a team, from one day to another, ends included."""

    team: str
    skill: str
    effort_days: float
    starts_on: date
    ends_on: date


def loads_of(
    capacities: Mapping[tuple[str, str], Sequence[WeekOfWork]], work: Sequence[DatedWork], *, first: date, weeks: int
) -> tuple[Load, ...]:
    """One row for each team and skill, for the weeks from the Monday of `first`.

    Work is spread evenly over its weekdays; what lies outside of the weeks asked for is left out.
    """
    mondays = [monday_of(first) + timedelta(weeks=each) for each in range(weeks)]
    asked: dict[tuple[str, str, date], float] = defaultdict(float)
    for each in work:
        for monday, days in spread(each, mondays).items():
            asked[each.team, each.skill, monday] += days
    rows = sorted({*capacities, *((each.team, each.skill) for each in work)})
    found = {(*row, each.monday): each.person_days for row, kept in capacities.items() for each in kept}
    return tuple(
        Load(
            team,
            skill,
            tuple(
                WeekOfLoad(
                    monday, found.get((team, skill, monday), 0.0), round(asked.get((team, skill, monday), 0.0), 2)
                )
                for monday in mondays
            ),
        )
        for team, skill in rows
    )


def spread(work: DatedWork, mondays: Sequence[date]) -> dict[date, float]:
    """Person-days by the Monday of their week, for these weeks."""
    total = weekdays_between(work.starts_on, work.ends_on)
    if not total:
        # Dated on a weekend: the work is in that week all the same.
        return {monday_of(work.starts_on): work.effort_days}
    there = {
        monday: weekdays_between(max(monday, work.starts_on), min(monday + timedelta(days=4), work.ends_on))
        for monday in mondays
    }
    return {monday: work.effort_days * days / total for monday, days in there.items() if days}


def weekdays_between(first: date, last: date) -> int:
    """Mondays to Fridays, ends included. numpy counts them too, and would be loaded into the service for this alone."""
    weeks, days = divmod(max(0, (last - first).days + 1), 7)
    return 5 * weeks + sum((first.weekday() + each) % 7 < 5 for each in range(days))
