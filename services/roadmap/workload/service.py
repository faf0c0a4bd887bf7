"""Adds up what every roadmap asks of the teams, and says what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.roadmap.allocations.repository import AllocationRepository
from services.roadmap.domain.calendars import monday_of
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.domain.workload import Booking, Need, PlannedWork, Row, WeekOfDemand, fits, workload
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Feature, RoadmapItem, Team
from services.roadmap.roadmaps.repository import ItemRepository, RoadmapRepository
from services.roadmap.teams.capacity import team_capacity
from services.roadmap.teams.repository import TeamRepository
from services.roadmap.workload.schemas import (
    DemandRow,
    FitQuestion,
    FitRead,
    NeedAnswer,
    UnassignedWork,
    WeekOfDemandRead,
    WorkloadRead,
)


@dataclass(frozen=True)
class _Demand:
    """What there is and what is asked, before anybody chooses what to show."""

    teams: Mapping[UUID, Team]
    rows: Mapping[Row, Sequence[WeekOfDemand]]
    unassigned: Sequence[PlannedWork]
    undated: Sequence[UUID]


class WorkloadService:
    """Team x skill x week, over roadmaps that share teams."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def report(
        self, *, first: date, weeks: int, roadmap_ids: Sequence[UUID], team_id: UUID | None, is_over_only: bool
    ) -> WorkloadRead:
        """Raises UnknownReference for a roadmap that is not there."""
        demand = await self._demand(first, weeks, roadmap_ids)
        rows = [
            _shown(demand.teams[UUID(team)], skill, found)
            for (team, skill), found in demand.rows.items()
            if team_id in {None, UUID(team)}
        ]
        over = sum(week.over_days > 0 for row in rows for week in row.weeks)
        return WorkloadRead(
            first=monday_of(first),
            weeks=weeks,
            over_allocated=over,
            rows=[row for row in rows if row.over_days or not is_over_only],
            unassigned=[UnassignedWork(**_unassigned(each)) for each in demand.unassigned],
            undated=list(demand.undated),
        )

    async def fit(self, asked: FitQuestion) -> FitRead:
        """Raises UnknownReference for a team that is not there."""
        weeks = (monday_of(asked.ends_on) - monday_of(asked.starts_on)).days // 7 + 1
        demand = await self._demand(asked.starts_on, weeks, ())
        faults = [
            FieldError(f"/needs/{position}/team_id", f"There is no team {each.team_id}.", "unknown")
            for position, each in enumerate(asked.needs)
            if each.team_id is not None and each.team_id not in demand.teams
        ]
        if faults:
            raise UnknownReference(errors=faults)
        needs = [Need(each.skill, each.days, str(each.team_id) if each.team_id else None) for each in asked.needs]
        found = fits(needs, demand.rows, demand.unassigned, starts_on=asked.starts_on, ends_on=asked.ends_on)
        return FitRead(
            fits=not any(each.short_days for each in found),
            needs=[
                NeedAnswer(
                    skill=each.need.skill,
                    team_id=UUID(each.need.team) if each.need.team else None,
                    days=each.need.days,
                    free_days=each.free_days,
                    short_days=each.short_days,
                )
                for each in found
            ],
        )

    async def _demand(self, first: date, weeks: int, roadmap_ids: Sequence[UUID]) -> _Demand:
        last = monday_of(first) + timedelta(weeks=weeks, days=-1)
        items = await self._items(roadmap_ids)
        features = await FeatureRepository(self.work.session).by_ids({item.feature_id for item in items})
        teams = await TeamRepository(self.work.session).everyone()
        capacities = {
            (str(team.id), skill): found
            for team in teams
            for skill, found in team_capacity(team, first=first, weeks=weeks).items()
        }
        work = list(_planned(items, features))
        bookings = [
            Booking(
                str(each.team_id),
                each.skill,
                each.people,
                each.starts_on,
                each.ends_on,
                str(each.feature_id) if each.feature_id else None,
            )
            for each in await AllocationRepository(self.work.session).between(monday_of(first), last)
        ]
        dated = {work.feature for work in work}
        return _Demand(
            teams={team.id: team for team in teams},
            rows=workload(capacities, work, bookings, first=first, weeks=weeks),
            unassigned=[
                each for each in work if each.team is None and each.starts_on <= last and each.ends_on >= first
            ],
            undated=sorted(
                each.id
                for each in features.values()
                if each.work_packages and each.status in PLANNABLE and str(each.id) not in dated
            ),
        )

    async def _items(self, roadmap_ids: Sequence[UUID]) -> Sequence[RoadmapItem]:
        known = await RoadmapRepository(self.work.session).by_ids(roadmap_ids)
        if missing := [each for each in roadmap_ids if each not in known]:
            raise UnknownReference(
                errors=[FieldError("query/roadmap_ids", f"There is no roadmap {missing[0]}.", "unknown")]
            )
        return await ItemRepository(self.work.session).everything_on_all(roadmap_ids)


def _planned(items: Iterable[RoadmapItem], features: Mapping[UUID, Feature]) -> Iterable[PlannedWork]:
    """A feature that stands on several roadmaps is built once: from its first day to its last."""
    dates: dict[UUID, tuple[date, date]] = {}
    for item in items:
        if item.starts_on and item.ends_on:
            start, end = dates.get(item.feature_id, (item.starts_on, item.ends_on))
            dates[item.feature_id] = min(start, item.starts_on), max(end, item.ends_on)
    for feature_id, (start, end) in sorted(dates.items()):
        feature = features[feature_id]
        if feature.status in PLANNABLE:
            for package in feature.work_packages:
                team = str(package.team_id) if package.team_id else None
                yield PlannedWork(str(feature_id), package.skill, package.likely_days, start, end, team)


def _shown(team: Team, skill: str, weeks: Sequence[WeekOfDemand]) -> DemandRow:
    return DemandRow(
        team_id=team.id,
        team=team.name,
        skill=skill,
        over_days=round(sum(week.over_days for week in weeks), 4),
        weeks=[
            WeekOfDemandRead(
                monday=week.monday,
                capacity_days=week.capacity_days,
                booked_days=week.booked_days,
                planned_days=week.planned_days,
                free_days=week.free_days,
                over_days=week.over_days,
                features=[{"feature_id": UUID(feature), "days": days} for feature, days in week.features],
            )
            for week in weeks
        ],
    )


def _unassigned(work: PlannedWork) -> dict[str, object]:
    return {
        "feature_id": UUID(work.feature),
        "skill": work.skill,
        "effort_days": work.effort_days,
        "starts_on": work.starts_on,
        "ends_on": work.ends_on,
    }
