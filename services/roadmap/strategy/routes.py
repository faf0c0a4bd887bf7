"""HTTP for objectives and key results."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.strategy.schemas import (
    KeyResultCreate,
    KeyResultRead,
    KeyResultUpdate,
    ObjectiveCreate,
    ObjectiveRead,
    ObjectiveStatus,
    ObjectiveUpdate,
)
from services.roadmap.strategy.service import ObjectiveService

KPI_ID = "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"
RETENTION = {
    "title": "Keep 9 in 10 activated users in month two",
    "kpi_id": KPI_ID,
    "start_value": 82,
    "target_value": 90,
    "due_on": "2027-03-31",
}
STAY = {"title": "New users find their feet, and stay", "due_on": "2027-03-31", "key_results": [RETENTION]}

router = Router(prefix="/v1/objectives", tags=["Strategy"])
Objectives = Annotated[ObjectiveService, Depends(ObjectiveService)]


@router.post(scope="roadmap:write", example=STAY)
async def create_objective(new: ObjectiveCreate, objectives: Objectives) -> Created[ObjectiveRead]:
    """Set an objective.

    Say what should be reached and until when; each key result names the KPI that will tell, where it starts and where
    it should end. Progress follows by itself as metrics reports the KPI. An unknown KPI is answered with 422.
    """
    return created(await objectives.create(new))


@router.get(scope="roadmap:read")
async def list_objectives(
    objectives: Objectives,
    page: Paging,
    status: Annotated[ObjectiveStatus | None, Query(description="Only objectives in this state.")] = None,
) -> Page[ObjectiveRead]:
    """List objectives, newest first, with their key results and progress."""
    return await objectives.search(page, status=status)


@router.get("/{objective_id}", scope="roadmap:read")
async def get_objective(objective_id: UUID, objectives: Objectives) -> ObjectiveRead:
    """Read an objective with its key results and progress."""
    return ObjectiveRead.model_validate(await objectives.get(objective_id))


@router.patch("/{objective_id}", scope="roadmap:write", example={"status": "achieved"})
async def update_objective(
    objective_id: UUID, change: ObjectiveUpdate, objectives: Objectives, if_match: IfMatch
) -> ObjectiveRead:
    """Change an objective.

    Key results have addresses of their own, below the objective.
    """
    return ObjectiveRead.model_validate(await objectives.update(objective_id, change, if_match=if_match))


@router.delete("/{objective_id}", scope="roadmap:write")
async def delete_objective(objective_id: UUID, objectives: Objectives, if_match: IfMatch) -> None:
    """Remove an objective and its key results.

    Refused with 409 while a feature serves it.
    """
    await objectives.delete(objective_id, if_match=if_match)


@router.post("/{objective_id}/key-results", scope="roadmap:write", example=RETENTION)
async def create_key_result(objective_id: UUID, new: KeyResultCreate, objectives: Objectives) -> Created[KeyResultRead]:
    """Add a key result to an objective.

    The objective's ETag changes with it.
    """
    return created(await objectives.add_key_result(objective_id, new))


@router.get("/{objective_id}/key-results/{key_result_id}", scope="roadmap:read")
async def get_key_result(objective_id: UUID, key_result_id: UUID, objectives: Objectives) -> KeyResultRead:
    """Read a key result and its progress."""
    return KeyResultRead.model_validate(await objectives.get_key_result(objective_id, key_result_id))


@router.patch("/{objective_id}/key-results/{key_result_id}", scope="roadmap:write", example={"target_value": 88})
async def update_key_result(
    objective_id: UUID, key_result_id: UUID, change: KeyResultUpdate, objectives: Objectives, if_match: IfMatch
) -> KeyResultRead:
    """Change a key result.

    Naming another KPI forgets what was measured of the former one.
    """
    return KeyResultRead.model_validate(
        await objectives.update_key_result(objective_id, key_result_id, change, if_match=if_match)
    )


@router.delete("/{objective_id}/key-results/{key_result_id}", scope="roadmap:write")
async def delete_key_result(objective_id: UUID, key_result_id: UUID, objectives: Objectives, if_match: IfMatch) -> None:
    """Remove a key result from its objective."""
    await objectives.delete_key_result(objective_id, key_result_id, if_match=if_match)
