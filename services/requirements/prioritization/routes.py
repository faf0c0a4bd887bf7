"""HTTP for prioritizations."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import Prioritization
from services.requirements.prioritization.schemas import (
    PrioritizationCreate,
    PrioritizationRead,
    PrioritizationSummary,
)
from services.requirements.prioritization.service import PrioritizationService

router = Router(prefix="/v1/prioritizations", tags=["Prioritization"])
Prioritizations = Annotated[PrioritizationService, Depends(PrioritizationService)]


@router.post(scope="requirements:write", example={"name": "Spring planning", "method": "rice", "top": 5})
async def create_prioritization(
    new: PrioritizationCreate, prioritizations: Prioritizations
) -> Created[PrioritizationRead]:
    """Rank requirements.

    RICE: reach x impact x confidence / effort. Each line says what every input contributes, in which interval the score
    and the rank lie given the ranges of the estimates, how likely it is among the `top`, and the least change of a
    single number that would put it above the one before it. The ranking is kept as it is: who, when, on which data.
    """
    return created(await prioritizations.create(new))


@router.get(scope="requirements:read")
async def list_prioritizations(prioritizations: Prioritizations, page: Paging) -> Page[PrioritizationSummary]:
    """List rankings, newest first, without their lines."""
    return await list_page(
        prioritizations.work,
        prioritizations.prioritizations.rows(),
        page,
        model=Prioritization,
        subject_type="prioritization",
        read=PrioritizationSummary.model_validate,
    )


@router.get("/{prioritization_id}", scope="requirements:read")
async def get_prioritization(prioritization_id: UUID, prioritizations: Prioritizations) -> PrioritizationRead:
    """Read a ranking with all its lines."""
    return await prioritizations.get(prioritization_id)
