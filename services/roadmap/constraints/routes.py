"""HTTP for constraints."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.constraints.schemas import (
    ConstraintCheck,
    ConstraintCreate,
    ConstraintRead,
    ConstraintUpdate,
)
from services.roadmap.constraints.service import ConstraintService

ON_QUALITY = {
    "title": "30 % on quality",
    "policy": {"side": "at_least", "share": 0.3, "measure": "effort_days"},
    "initiative_ids": ["01983a7c-9b3d-7e18-a2c4-6d5e4f3a2b1c"],
}

router = Router(prefix="/v1/constraints", tags=["Strategy"])
Constraints = Annotated[ConstraintService, Depends(ConstraintService)]


@router.post(scope="roadmap:write", example=ON_QUALITY)
async def create_constraint(new: ConstraintCreate, constraints: Constraints) -> Created[ConstraintRead]:
    """Lay down what a plan should keep.

    Either a date by which some features are done, or a share of all that is planned that is for them at least or at
    most, by effort, cost, value or number. Name the features one by one, or by initiative, objective or product.
    Nothing is refused because of it: `/v1/strategy/coverage` tells which are broken, and by how much.
    """
    return created(await constraints.create(new))


@router.get(scope="roadmap:read")
async def list_constraints(
    constraints: Constraints,
    page: Paging,
    roadmap_id: Annotated[UUID | None, Query(description="Only constraints of this roadmap.")] = None,
) -> Page[ConstraintRead]:
    """List constraints, newest first."""
    return await constraints.search(page, roadmap_id=roadmap_id)


@router.get("/{constraint_id}", scope="roadmap:read")
async def get_constraint(constraint_id: UUID, constraints: Constraints) -> ConstraintRead:
    """Read a constraint."""
    return ConstraintRead.model_validate(await constraints.get(constraint_id))


@router.get("/{constraint_id}/check", scope="roadmap:read")
async def get_constraint_check(constraint_id: UUID, constraints: Constraints) -> ConstraintCheck:
    """Read whether the plan keeps a constraint, and by how much it does not."""
    return await constraints.examine(constraint_id)


@router.patch("/{constraint_id}", scope="roadmap:write", example={"description": "Agreed with support in December."})
async def update_constraint(
    constraint_id: UUID, change: ConstraintUpdate, constraints: Constraints, if_match: IfMatch
) -> ConstraintRead:
    """Change a constraint."""
    return ConstraintRead.model_validate(await constraints.update(constraint_id, change, if_match=if_match))


@router.delete("/{constraint_id}", scope="roadmap:write")
async def delete_constraint(constraint_id: UUID, constraints: Constraints, if_match: IfMatch) -> None:
    """Remove a constraint."""
    await constraints.delete(constraint_id, if_match=if_match)
