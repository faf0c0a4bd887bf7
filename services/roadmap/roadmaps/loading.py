"""What the features on a plan ask of each team and skill, wherever the plan is kept."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from services.roadmap.domain.loads import DatedWork, loads_of
from services.roadmap.domain.plans import Load
from services.roadmap.models import Feature, Team
from services.roadmap.teams.capacity import team_capacity


class DatedPlace(Protocol):
    """A feature's place, on the roadmap or in a scenario."""

    @property
    def feature_id(self) -> UUID: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...


def loads_of_places(
    places: Sequence[DatedPlace], features: Mapping[UUID, Feature], teams: Sequence[Team], *, first: date, weeks: int
) -> tuple[Load, ...]:
    """Week by week, beside what the teams have; work that names no team is nobody's yet."""
    names = {team.id: team.name for team in teams}
    capacities = {
        (team.name, skill): weekly
        for team in teams
        for skill, weekly in team_capacity(team, first=first, weeks=weeks).items()
    }
    last = first + timedelta(weeks=weeks)
    work = [
        DatedWork(names[package.team_id], package.skill, package.likely_days, place.starts_on, place.ends_on)
        for place in places
        if place.starts_on and place.ends_on and place.ends_on >= first and place.starts_on <= last
        for package in features[place.feature_id].work_packages
        if package.team_id is not None
    ]
    return loads_of(capacities, work, first=first, weeks=weeks)
