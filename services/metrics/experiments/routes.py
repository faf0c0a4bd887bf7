"""HTTP for experiments."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import TypeAdapter

from services.chassis.answers import Created, created
from services.chassis.bulk import MAX_BYTES, Atomic, bulk_document, read_lines, whole_answer
from services.chassis.concurrency import IfMatch
from services.chassis.errors import Problem
from services.chassis.pagination import Paging
from services.chassis.routing import NDJSON, Router
from services.chassis.types import Page
from services.metrics.experiments.counting import AssignmentService
from services.metrics.experiments.schemas import (
    AssignmentCreate,
    AssignmentRead,
    ExperimentCreate,
    ExperimentRead,
    ReadingCreate,
    ReadingRead,
    ReadoutRead,
)
from services.metrics.experiments.service import ExperimentService

CHECKLIST = {
    "name": "Checklist on the first screen",
    "hypothesis": "New accounts that see the checklist invite a colleague sooner.",
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "measure": "proportion",
    "shares": {"control": 0.5, "checklist": 0.5},
    "control": "control",
    "planned_units": 20_000,
}
FIRST_WEEK = {
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "as_of": "2026-02-07T00:00:00Z",
    "arms": {
        "control": {"units": 3000, "total": 1230, "squares": 1230},
        "checklist": {"units": 3020, "total": 1391, "squares": 1391},
    },
}

ASSIGNED = {"unit": "user-4711", "arm": "checklist", "assigned_at": "2026-01-31T09:00:00Z"}
BULK = bulk_document("AssignmentCreate")

router = Router(prefix="/v1/experiments", tags=["Experiments"])
Experiments = Annotated[ExperimentService, Depends(ExperimentService)]
Assignments = Annotated[AssignmentService, Depends(AssignmentService)]

_lines: TypeAdapter[AssignmentCreate | Problem] = TypeAdapter(AssignmentCreate)


@router.post(scope="metrics:write", example=CHECKLIST, answers=(409,))
async def create_experiment(new: ExperimentCreate, experiments: Experiments) -> Created[ExperimentRead]:
    """Plan an experiment.

    Name the arms with their shares, the control, the KPI that decides and those that may not suffer. Assignment happens
    in your product: send who is in which arm, or what the arms add up to, or what another tool found.
    """
    return created(await experiments.create(new))


@router.get(scope="metrics:read")
async def list_experiments(
    experiments: Experiments,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only experiments that this KPI decides.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only experiments that try this feature.")] = None,
) -> Page[ExperimentRead]:
    """List experiments, newest first."""
    return await experiments.search(page, kpi_id=kpi_id, feature_id=feature_id)


@router.get("/{experiment_id}", scope="metrics:read")
async def get_experiment(experiment_id: UUID, experiments: Experiments) -> ExperimentRead:
    """Read an experiment."""
    return await experiments.get(experiment_id)


@router.delete("/{experiment_id}", scope="metrics:write")
async def delete_experiment(experiment_id: UUID, experiments: Experiments, if_match: IfMatch) -> None:
    """Remove an experiment with its readings."""
    await experiments.delete(experiment_id, if_match=if_match)


@router.post("/{experiment_id}/readings", scope="metrics:write", example=FIRST_WEEK, answers=(409,))
async def create_experiment_reading(
    experiment_id: UUID, new: ReadingCreate, experiments: Experiments
) -> Created[ReadingRead]:
    """Take a reading: send what the arms add up to, have it counted here, or hand over what another tool told.

    `arms`: counts, sums and sums of squares since the beginning are enough, so no unit's data leaves your house. With a
    figure from before the experiment (x) the interval gets narrower; for a ratio x is the denominator. `counted`: the
    same from the assignments sent here and the measurements whose `subject`, or usage events whose `person`, was
    assigned, each from its assignment on. `external`: effects with their intervals, and the source that vouches for it.
    """
    return created(await experiments.take_reading(experiment_id, new))


@router.post("/{experiment_id}/assignments", scope="metrics:write", example=ASSIGNED, answers=(409,))
async def create_experiment_assignment(
    experiment_id: UUID, new: AssignmentCreate, assignments: Assignments
) -> Created[AssignmentRead]:
    """Say that a unit is in an arm.

    Sent again it changes nothing; what was first holds, and a unit that is in another arm is refused. It counts from
    `assigned_at` on, in readings that are counted here. Which unit it is is kept as a keyed hash only.
    """
    return created(await assignments.assign(experiment_id, new), location=f"/v1/experiments/{experiment_id}")


@router.post(
    "/{experiment_id}/assignments/bulk",
    scope="metrics:write",
    status=200,
    accepts=NDJSON,
    max_body_bytes=MAX_BYTES,
    example=ASSIGNED,
    extra=BULK,
)
async def bulk_experiment_assignments(
    request: Request,
    experiment_id: UUID,
    assignments: Assignments,
    *,
    atomic: Atomic = False,
) -> Response:
    """Say of many units in which arm they are, one per line.

    Each line is answered in its place: 201 for a new unit, 200 for one that is in this arm already, or the problem that
    it has. One bad line fails no other, unless you ask for all or none with `atomic=true`.
    """
    lines = await assignments.assign_all(experiment_id, read_lines(await request.body(), _lines))
    return whole_answer(lines, atomic=atomic)


@router.get("/{experiment_id}/readings", scope="metrics:read")
async def list_experiment_readings(experiment_id: UUID, experiments: Experiments, page: Paging) -> Page[ReadingRead]:
    """List an experiment's readings, newest first."""
    return await experiments.history(experiment_id, page)


@router.get("/{experiment_id}/readings/{reading_id}", scope="metrics:read")
async def get_experiment_reading(experiment_id: UUID, reading_id: UUID, experiments: Experiments) -> ReadingRead:
    """Read one reading."""
    return await experiments.reading(experiment_id, reading_id)


@router.get("/{experiment_id}/readout", scope="metrics:read")
async def get_experiment_readout(experiment_id: UUID, experiments: Experiments) -> ReadoutRead:
    """Read what an experiment shows now.

    Look as often as you like: the interval holds at all looks together, unless another tool made it. Nothing is
    concluded when the arms' counts do not fit their shares or the arms differed before it began, and a guardrail that
    suffers for certain overrules a gain.
    """
    return await experiments.read_out(experiment_id)
