"""The plan as the simulation is given it: work in order, crews with their days, and what history says of estimates."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.roadmap.domain.calendars import TENTHS, monday_of
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.forecasts.record import CrewDays, FinishedWork, PlannedFeature, Question, Waiting, Work
from services.roadmap.models import Feature, RoadmapItem, Team, WorkPackage
from services.roadmap.optimization.timetable import House, Reserved, earliest_day, waits_of
from services.roadmap.teams.capacity import team_capacity, team_workdays

HORIZON_WEEKS = 156
HORIZONS = {"now": 0, "next": 1, "later": 2, None: 3}


def question_of(
    items: Sequence[RoadmapItem],
    features: Mapping[UUID, Feature],
    teams: Sequence[Team],
    history: Sequence[Feature],
    *,
    starts_on: date,
    reserved: Reserved,
) -> Question:
    """`features` are those on the roadmap, and all that these need."""
    first = monday_of(starts_on)
    house = House.of(teams, first=first, weeks=HORIZON_WEEKS, reserved=reserved)
    placed = {item.feature_id: item for item in items}
    planned: list[PlannedFeature] = []
    left_out: dict[str, str] = {}
    for feature in in_plan_order(items, features):
        if any(str(needed) in left_out for needed in feature.depends_on):
            left_out[str(feature.id)] = "needs_unfit"
        elif not feature.work_packages:
            left_out[str(feature.id)] = "not_estimated"
        elif not all(house.able(package) for package in feature.work_packages):
            left_out[str(feature.id)] = "no_team"
        else:
            planned.append(_planned(feature, house, features, first=first, item=placed.get(feature.id)))
    return Question(
        first=first,
        features=tuple(planned),
        left_out=left_out,
        crews=tuple(_crews(teams, first=first, reserved=reserved)),
        history=tuple(_finished(feature) for feature in history if feature.work_packages),
    )


def in_plan_order(items: Sequence[RoadmapItem], features: Mapping[UUID, Feature]) -> Iterator[Feature]:
    """By date, then horizon, then as placed; what a feature needs comes before it, if it is still open."""
    order = sorted(items, key=lambda each: (each.starts_on or date.max, HORIZONS[each.horizon], each.id))
    done: set[UUID] = set()
    stack = [(item.feature_id, False) for item in reversed(order)]
    while stack:
        feature_id, is_ready = stack.pop()
        feature = features.get(feature_id)
        if feature_id in done or feature is None or feature.status not in PLANNABLE:
            continue
        if is_ready:
            done.add(feature_id)
            yield feature
        else:
            stack.append((feature_id, True))
            stack += [(needed, False) for needed in feature.depends_on if needed not in done]


def promise_of(feature: Feature, item: RoadmapItem | None) -> date | None:
    """Its end on the roadmap, or its deadline, whichever comes first."""
    return min((day for day in (item.ends_on if item else None, feature.deadline) if day is not None), default=None)


def _planned(
    feature: Feature, house: House, features: Mapping[UUID, Feature], *, first: date, item: RoadmapItem | None
) -> PlannedFeature:
    earliest = earliest_day(feature, features)
    return PlannedFeature(
        id=str(feature.id),
        work=tuple(_work(package, house) for package in feature.work_packages),
        needs=tuple(str(needed) for needed in feature.depends_on),
        earliest_day=max(0, (earliest - first).days) if earliest else 0,
        promised_on=promise_of(feature, item),
        waiting=tuple(
            Waiting(each.needs, each.link, each.lag_days)
            for each in waits_of(feature)
            if each.lag_days or each.link != "finish_start"
        ),
    )


def _work(package: WorkPackage, house: House) -> Work:
    """Where no team is named, the one with most people of the skill over time does it."""

    def strength(team: str) -> tuple[int, str]:
        return sum(week.people_tenths for week in house.capacity[team, package.skill]), team

    team = max(house.able(package), key=strength)
    return Work(team, package.skill, package.people, package.low_days, package.likely_days, package.high_days)


def _crews(teams: Sequence[Team], *, first: date, reserved: Reserved) -> Iterator[CrewDays]:
    for team in teams:
        workdays = team_workdays(team, first=first, weeks=HORIZON_WEEKS)
        for skill, weeks in team_capacity(
            team, first=first, weeks=HORIZON_WEEKS, reserved=reserved.get(team.id, ())
        ).items():
            staffed = {week.monday for week in weeks if week.people_tenths}
            days = tuple((day - first).days for day in workdays if day - timedelta(days=day.weekday()) in staffed)
            most = max((week.people_tenths for week in weeks), default=0)
            yield CrewDays(str(team.id), skill, most / TENTHS, days)


def _finished(feature: Feature) -> FinishedWork:
    packages = feature.work_packages
    teams = {package.team_id for package in packages}
    return FinishedWork(
        team_id=str(team) if len(teams) == 1 and (team := next(iter(teams))) is not None else None,
        low=sum(package.low_days for package in packages),
        likely=sum(package.likely_days for package in packages),
        high=sum(package.high_days for package in packages),
        actual=feature.actual_effort_days or 0.0,
    )
