"""HTTP for targets."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.targets.schemas import AttainmentRead, TargetCreate, TargetRead, TargetUpdate
from services.metrics.targets.service import TargetService, read_target

HALF_OF_ALL = {
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "name": "Half of all new accounts activate",
    "value": 50,
    "baseline": 41.5,
    "starts_on": "2026-07-01",
    "due_on": "2026-12-31",
}

router = Router(prefix="/v1/targets", tags=["Targets"])
Targets = Annotated[TargetService, Depends(TargetService)]


@router.post(scope="metrics:write", example=HALF_OF_ALL)
async def create_target(new: TargetCreate, targets: Targets) -> Created[TargetRead]:
    """Set a target: what a KPI should come to, and by when.

    With a `band` around the value whatever lies within it is good enough.
    """
    return created(read_target(await targets.create(new)))


@router.get(scope="metrics:read")
async def list_targets(
    targets: Targets,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only targets of this KPI.")] = None,
) -> Page[TargetRead]:
    """List targets, newest first."""
    return await targets.search(page, kpi_id=kpi_id)


@router.get("/{target_id}", scope="metrics:read")
async def get_target(target_id: UUID, targets: Targets) -> TargetRead:
    """Read a target."""
    return read_target(await targets.get(target_id))


@router.patch("/{target_id}", scope="metrics:write", example={"due_on": "2027-03-31"})
async def update_target(target_id: UUID, change: TargetUpdate, targets: Targets, if_match: IfMatch) -> TargetRead:
    """Change a target."""
    return read_target(await targets.update(target_id, change, if_match=if_match))


@router.delete("/{target_id}", scope="metrics:write")
async def delete_target(target_id: UUID, targets: Targets, if_match: IfMatch) -> None:
    """Remove a target."""
    await targets.delete(target_id, if_match=if_match)


@router.get("/{target_id}/attainment", scope="metrics:read")
async def get_target_attainment(target_id: UUID, targets: Targets) -> AttainmentRead:
    """Read how a KPI is getting on towards a target.

    The KPI is forecast up to the day that the target is due; the errors that the forecast made in the past give the
    probability of getting there.
    """
    return await targets.attainment(target_id)
