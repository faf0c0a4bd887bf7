"""HTTP for the workload."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.roadmap.domain.calendars import FIRST_DAY, LAST_DAY
from services.roadmap.workload.schemas import FitQuestion, FitRead, WorkloadRead
from services.roadmap.workload.service import WorkloadService

router = Router(prefix="/v1/workload", tags=["Teams"])
Workload = Annotated[WorkloadService, Depends(WorkloadService)]
QUARTER = {
    "starts_on": "2027-01-04",
    "ends_on": "2027-03-26",
    "needs": [{"skill": "backend", "days": 30}, {"skill": "design", "days": 6}],
}


@router.get(scope="roadmap:read")
async def get_workload(
    workload: Workload,
    *,
    first: Annotated[
        date, Query(alias="from", ge=FIRST_DAY, le=LAST_DAY, description="Begin with the week that holds this day.")
    ],
    weeks: Annotated[int, Query(ge=1, le=104, description="How many weeks.")] = 13,
    roadmap_ids: Annotated[
        list[UUID] | None, Query(max_length=50, description="Count only what these roadmaps plan; all, unless given.")
    ] = None,
    team_id: Annotated[UUID | None, Query(description="Only this team.")] = None,
    over_only: Annotated[bool, Query(description="Only rows that are over-allocated somewhere.")] = False,
) -> WorkloadRead:
    """See what teams have, what is booked and planned of it, and where it is too much.

    Skill by skill and week by week, over all roadmaps that share the teams. A feature's work is spread evenly over its
    dates; one that stands on several roadmaps counts once. People who were booked for a feature take the place of what
    its work packages ask of the same skill of their team.
    """
    return await workload.report(
        first=first, weeks=weeks, roadmap_ids=roadmap_ids or [], team_id=team_id, is_over_only=over_only
    )


@router.post("/fit", scope="roadmap:read", status=200, example=QUARTER)
async def check_fit(asked: FitQuestion, workload: Workload) -> FitRead:
    """Ask whether some effort fits into what is free in a period.

    Person-days by skill, of one team or of any that has the skill; the answer says how many are free, and how many are
    missing. It counts days: whether the order of the work allows it, a schedule says.
    """
    return await workload.fit(asked)
