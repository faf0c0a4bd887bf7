"""Turns features, teams and a request into the schedule problem that the solver is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product
from uuid import UUID

from services.chassis.errors import FieldError, Invalid
from services.roadmap.domain.calendars import TENTHS, Absence, WeekOfWork, days_a_week, monday_of, weeks_for
from services.roadmap.domain.dependencies import Wait
from services.roadmap.domain.scheduling.problem import Job, Mode, Package, Precedence, ScheduleProblem
from services.roadmap.domain.selection.problem import SelectionProblem
from services.roadmap.models import Feature, RoadmapItem, Team, WorkPackage
from services.roadmap.teams.capacity import team_capacity

MOST_MODES = 8

Reserved = Mapping[UUID, Sequence[Absence]]


@dataclass(frozen=True)
class House:
    """The teams' capacity over the horizon, and how many days a week each works on average."""

    capacity: Mapping[tuple[str, str], list[WeekOfWork]]
    pace: Mapping[str, float]

    @classmethod
    def of(cls, teams: Sequence[Team], *, first: date, weeks: int, reserved: Reserved) -> "House":
        """`reserved`: by team, people whom no plan may count on."""
        capacity, pace = {}, {}
        for team in teams:
            found = team_capacity(team, first=first, weeks=weeks, reserved=reserved.get(team.id, ()))
            for skill, over_time in found.items():
                capacity[str(team.id), skill] = over_time
            pace[str(team.id)] = days_a_week(next(iter(found.values()), []))
        return cls(capacity, pace)

    def able(self, package: WorkPackage) -> list[str]:
        """Teams that could do the package at some time."""
        named = [str(package.team_id)] if package.team_id else sorted(self.pace)
        demand = demand_of(package)
        return [
            team
            for team in named
            if any(week.people_tenths >= demand for week in self.capacity.get((team, package.skill), []))
            and self.pace[team]
        ]


@dataclass(frozen=True)
class Timetable:
    """The problem, and the features that cannot be scheduled at all, with why not."""

    problem: ScheduleProblem
    unfit: Mapping[str, str]


def timetable_of(
    selection: SelectionProblem,
    features: Sequence[Feature],
    house: House,
    *,
    first: date,
    weeks: int,
    items: Mapping[UUID, RoadmapItem],
) -> Timetable:
    """`selection` brings value, budgets and rules; the features bring work and dates, the items what is held."""
    chosen = {feature.id: feature for feature in features}
    values = {candidate.id: candidate for candidate in selection.candidates}
    modes = {str(each.id): modes_of(each, house) for each in chosen.values() if str(each.id) in values}
    unfit = {name: _why_unfit(chosen[UUID(name)]) for name, ways in modes.items() if not ways}
    unfit |= {name: "excluded" for name in selection.pinned_out if name in modes}
    unfit = _with_dependants(selection, unfit)
    _require_possible(selection, unfit)
    jobs = tuple(
        _job(chosen[UUID(name)], selection, ways, first=first, item=items.get(UUID(name)), chosen=chosen)
        for name, ways in sorted(modes.items())
        if name not in unfit
    )
    known = {job.id for job in jobs}
    return Timetable(
        ScheduleProblem(
            horizon=weeks,
            jobs=jobs,
            capacity={each: tuple(w.people_tenths for w in found) for each, found in house.capacity.items()},
            precedences=tuple(
                Precedence(wait.needs, str(feature.id), wait.lag_weeks, wait.link)
                for feature in chosen.values()
                for wait in waits_of(feature)
                if str(feature.id) in known and wait.needs in known
            ),
            budgets=selection.budgets,
            exclusions=tuple(part for group in selection.exclusions if len(part := _within(group, known)) > 1),
            couplings=tuple(part for group in selection.couplings if len(part := _within(group, known)) > 1),
            one_of=tuple(_within(group, known) for group in selection.one_of),
        ),
        unfit,
    )


def modes_of(feature: Feature, house: House) -> list[Mode]:
    """One team for all packages that name none, where one can; else any mixture, up to a few."""
    packages = feature.work_packages
    if not packages:
        return []
    able = [house.able(package) for package in packages]
    free = [teams for package, teams in zip(packages, able, strict=True) if package.team_id is None]
    owners = sorted(set.intersection(*map(set, free))) if free else []
    ways = (
        [tuple(owner if p.team_id is None else t[0] for p, t in zip(packages, able, strict=True)) for owner in owners]
        if owners and all(able)
        else list(islice(product(*able), MOST_MODES))
    )
    return [
        Mode(tuple(_work(p, team, house) for p, team in zip(packages, way, strict=True))) for way in ways[:MOST_MODES]
    ]


def demand_of(package: WorkPackage) -> int:
    return max(1, round(package.people * TENTHS))


def _work(package: WorkPackage, team: str, house: House) -> Package:
    weeks = weeks_for(package.likely_days, people=package.people, days_a_week=house.pace[team])
    return Package(team, package.skill, weeks, demand_of(package))


def _job(
    feature: Feature,
    selection: SelectionProblem,
    modes: list[Mode],
    *,
    first: date,
    item: RoadmapItem | None,
    chosen: Mapping[UUID, Feature],
) -> Job:
    name = str(feature.id)
    candidate = next(each for each in selection.candidates if each.id == name)
    placed = week_of(item.starts_on, first) if item is not None and item.starts_on is not None else None
    is_held = item is not None and item.is_held and placed is not None
    earliest = earliest_day(feature, chosen)
    return Job(
        id=name,
        value=candidate.value,
        modes=tuple(modes),
        uses=candidate.uses,
        earliest=max(0, _week_after(earliest, first)) if earliest else 0,
        deadline=deadline_week(feature.deadline, first) if feature.deadline else None,
        is_required=name in selection.must_have | selection.pinned_in,
        start=max(0, placed) if is_held and placed is not None else None,
        former_start=max(0, placed) if placed is not None and not is_held else None,
    )


def waits_of(feature: Feature) -> list[Wait]:
    """What the feature waits for, as the pure rules have it."""
    return [Wait(str(each.needs_feature_id), each.link, each.lag_days) for each in feature.needs]


def earliest_day(feature: Feature, features: Mapping[UUID, Feature]) -> date | None:
    """Its own earliest start, or a lag after something that has shipped, whichever is later."""
    days = [feature.earliest_start] if feature.earliest_start else []
    for wait in waits_of(feature):
        needed = features.get(UUID(wait.needs))
        if needed is not None and needed.shipped_at is not None and wait.lag_days:
            started_on = needed.started_at.date() if needed.started_at else None
            days.append(wait.earliest_after(started_on=started_on, shipped_on=needed.shipped_at.date()))
    return max(days, default=None)


def week_of(day: date, first: date) -> int:
    """The number of the day's week, counted from the plan's first."""
    return (monday_of(day) - monday_of(first)).days // 7


def deadline_week(day: date, first: date) -> int:
    """How many weeks of the plan are over when the day ends: a Friday ends its week."""
    return max(0, week_of(day, first) + (day.isoweekday() >= 5))


def _week_after(day: date, first: date) -> int:
    """The first week that lies wholly after the day begins."""
    return week_of(day, first) + (day.isoweekday() > 1)


def _why_unfit(feature: Feature) -> str:
    return "no_team" if feature.work_packages else "not_estimated"


def _with_dependants(selection: SelectionProblem, unfit: Mapping[str, str]) -> dict[str, str]:
    """What needs or is coupled with something unfit is unfit too."""
    found, needs = dict(unfit), selection.needs()
    while more := {n: "needs_unfit" for n, wanted in needs.items() if n not in found and wanted & found.keys()}:
        found |= more
    return found


def _require_possible(selection: SelectionProblem, unfit: Mapping[str, str]) -> None:
    demanded = sorted((selection.must_have | selection.pinned_in) & unfit.keys())
    if demanded:
        detail = (
            f"Feature {demanded[0]} must be built, but cannot be scheduled: {unfit[demanded[0]].replace('_', ' ')}."
        )
        raise Invalid(errors=[FieldError("/must_have_ids", detail)])
    lost = next((group for group in selection.one_of if unfit.keys() >= set(group)), None)
    if lost:
        reasons = " or ".join(sorted({unfit[each].replace("_", " ") for each in lost}))
        detail = f"One of the features {', '.join(lost)} must be built, but none can be scheduled: {reasons}."
        raise Invalid(errors=[FieldError("/one_of", detail)])


def _within(group: tuple[str, ...], known: set[str]) -> tuple[str, ...]:
    return tuple(member for member in group if member in known)
