"""Keeps teams, and says what they can do."""

from datetime import date
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, StillReferenced
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.calendars import TENTHS, UnknownCountry, public_holidays
from services.roadmap.models import Team, TeamAbsence, TeamStaff
from services.roadmap.models.base import columns, touch
from services.roadmap.teams.capacity import team_capacity
from services.roadmap.teams.repository import TeamRepository
from services.roadmap.teams.schemas import (
    CapacityRead,
    SkillCapacity,
    StaffEntry,
    TeamCreate,
    TeamRead,
    TeamUpdate,
    WeekRead,
)


class TeamService:
    """Teams and their capacity."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def teams(self) -> TeamRepository:
        return TeamRepository(self.work.session)

    async def create(self, new: TeamCreate) -> Team:
        """Raises AlreadyExists for a name that is taken, Invalid for a place whose holidays are unknown."""
        _require_place(new.country, new.subdivision)
        await self._require_free(new.name)
        team = Team(**_columns(new.fields()))
        await self.teams.add(team)
        await self._tell("team.created", team)
        return team

    async def get(self, team_id: UUID) -> Team:
        return await self.teams.get(team_id)

    async def search(self, page: PageQuery, *, function: str | None) -> Page[TeamRead]:
        query = self.teams.rows()
        if function is not None:
            query = query.where(Team.function == function)
        return await list_page(
            self.work,
            query,
            page,
            model=Team,
            subject_type="team",
            read=TeamRead.model_validate,
            filters={"function": function},
        )

    async def update(self, team_id: UUID, change: TeamUpdate, *, if_match: Precondition) -> Team:
        team = await self.teams.get(team_id, lock=True)
        if_match.check(team)
        changes = change.changes()
        if "name" in changes:
            await self._require_free(changes["name"], other_than=team_id)
        for name, value in _columns(changes).items():
            setattr(team, name, value)
        _require_place(team.country, team.subdivision)
        touch(team)
        await self._tell("team.updated", team)
        return team

    async def delete(self, team_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while plans or promises name it."""
        team = await self.teams.get(team_id, lock=True)
        if_match.check(team)
        if (noun := await self.teams.referring(team_id)) is not None:
            raise StillReferenced(f"The team is named by {noun}: change that first.")
        version = team.version
        await self.teams.remove(team)
        await self.work.events.append("team.deleted", subject_type="team", subject_id=team_id, version=version + 1)

    async def capacity(self, team_id: UUID, *, first: date, weeks: int) -> CapacityRead:
        team = await self.teams.get(team_id)
        skills = [
            SkillCapacity(
                skill=skill,
                weeks=[
                    WeekRead(
                        monday=each.monday,
                        workdays=each.workdays,
                        people=each.people_tenths / TENTHS,
                        person_days=each.person_days,
                    )
                    for each in found
                ],
            )
            for skill, found in team_capacity(team, first=first, weeks=weeks).items()
        ]
        return CapacityRead(team_id=team_id, skills=skills)

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.teams.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another team has this name.", "taken")])

    async def _tell(self, kind: str, team: Team) -> None:
        await self.work.session.flush()
        data = {"function": team.function, "skills": sorted({each.skill for each in team.staff})}
        await self.work.events.append(kind, subject_type="team", subject_id=team.id, version=team.version, data=data)


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    made = columns(fields)
    if "staff" in made:
        made["staff"] = [_staff(each) for each in made["staff"]]
    if "absences" in made:
        made["absences"] = [TeamAbsence(**each.fields()) for each in made["absences"]]
    return made


def _staff(entry: StaffEntry) -> TeamStaff:
    fields = entry.fields()
    rate = fields.pop("day_rate")
    return TeamStaff(
        **fields, day_rate_minor=rate.amount_minor if rate else None, currency=rate.currency if rate else None
    )


def _require_place(country: str | None, subdivision: str | None) -> None:
    if country is None:
        if subdivision is not None:
            raise Invalid(errors=[FieldError("/subdivision", "Name the country too.")])
        return
    try:
        public_holidays(country, subdivision, [2026])
    except UnknownCountry as unknown:
        raise Invalid(errors=[FieldError("/country", str(unknown), "unknown")]) from None
