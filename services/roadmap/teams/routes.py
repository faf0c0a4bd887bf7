"""HTTP for teams."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Label, Page
from services.roadmap.domain.calendars import FIRST_DAY, LAST_DAY
from services.roadmap.teams.schemas import CapacityRead, TeamCreate, TeamRead, TeamUpdate
from services.roadmap.teams.service import TeamService

CORE = {
    "name": "Core",
    "function": "engineering",
    "country": "DE",
    "subdivision": "BY",
    "staff": [{"skill": "backend", "people": 3, "day_rate": {"amount_minor": 64_000, "currency": "EUR"}}],
    "absences": [{"starts_on": "2027-02-08", "ends_on": "2027-02-19", "skill": "backend", "people": 1}],
}

router = Router(prefix="/v1/teams", tags=["Teams"])
Teams = Annotated[TeamService, Depends(TeamService)]


@router.post(scope="roadmap:write", example=CORE)
async def create_team(new: TeamCreate, teams: Teams) -> Created[TeamRead]:
    """Set up a team.

    Of any function: say how many people of which skill it has, on which days it works, which holidays it keeps and who
    is away. Schedules then know what it can do.
    """
    return created(await teams.create(new))


@router.get(scope="roadmap:read")
async def list_teams(
    teams: Teams,
    page: Paging,
    function: Annotated[Label | None, Query(description="Only teams of this function.")] = None,
) -> Page[TeamRead]:
    """List teams, newest first."""
    return await teams.search(page, function=function)


@router.get("/{team_id}", scope="roadmap:read")
async def get_team(team_id: UUID, teams: Teams) -> TeamRead:
    """Read a team with its people and absences."""
    return TeamRead.model_validate(await teams.get(team_id))


@router.patch("/{team_id}", scope="roadmap:write", example={"staff": [{"skill": "backend", "people": 4}]})
async def update_team(team_id: UUID, change: TeamUpdate, teams: Teams, if_match: IfMatch) -> TeamRead:
    """Change a team; `staff` and `absences` replace what was there."""
    return TeamRead.model_validate(await teams.update(team_id, change, if_match=if_match))


@router.delete("/{team_id}", scope="roadmap:write")
async def delete_team(team_id: UUID, teams: Teams, if_match: IfMatch) -> None:
    """Remove a team.

    Refused with 409 while work packages, commitments, hand-offs, check-ins or risks name it.
    """
    await teams.delete(team_id, if_match=if_match)


@router.get("/{team_id}/capacity", scope="roadmap:read")
async def get_capacity(
    team_id: UUID,
    teams: Teams,
    *,
    first: Annotated[
        date, Query(alias="from", ge=FIRST_DAY, le=LAST_DAY, description="Begin with the week that holds this day.")
    ],
    weeks: Annotated[int, Query(ge=1, le=156, description="How many weeks.")] = 13,
) -> CapacityRead:
    """See what a team can do, skill by skill and week by week.

    Holidays and absences are taken off. Somebody counts for a week in which they are there on more than half of the
    team's usual working days, for plans are made in whole weeks.
    """
    return await teams.capacity(team_id, first=first, weeks=weeks)
