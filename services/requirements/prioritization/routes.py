"""HTTP for prioritizations."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import Prioritization
from services.requirements.prioritization.comparison import ComparisonService
from services.requirements.prioritization.questions import MethodsCompare, PrioritizationCreate
from services.requirements.prioritization.schemas import (
    MethodsComparisonRead,
    PrioritizationComparisonRead,
    PrioritizationRead,
    PrioritizationSummary,
    SwapBetweenRead,
)
from services.requirements.prioritization.service import PrioritizationService, read_summary

router = Router(prefix="/v1/prioritizations", tags=["Prioritization"])
Prioritizations = Annotated[PrioritizationService, Depends(PrioritizationService)]
Comparisons = Annotated[ComparisonService, Depends(ComparisonService)]

WEIGHTED = {
    "methods": ["rice", "weighted"],
    "drivers": [
        {"name": "Customers behind it", "input": "companies", "weight": 3},
        {"name": "Little work", "input": "effort", "weight": 1, "direction": "less"},
    ],
}


@router.post(scope="requirements:write", example={"name": "Spring planning", "method": "rice", "top": 5})
async def create_prioritization(
    new: PrioritizationCreate, prioritizations: Prioritizations
) -> Created[PrioritizationRead]:
    """Rank requirements.

    By `rice`: reach x impact x confidence / effort; `ice`: the average of three ratings; `wsjf`: cost of delay / job
    size; `value_effort`: value / effort; `moscow`: must, should, could, not now; `kano`: (better + worse) x importance,
    from customers' answers; or `weighted`: drivers that you weigh yourself, estimated or counted at the moment.

    Each line says what every input contributes, in which interval the score and the rank lie given the ranges of the
    estimates, how likely it is among the `top`, and the least change of a single number or weight that would put it
    above the one before it. With `pooled` estimates it also shows where people disagree. The ranking is kept as it is:
    who, when, on which data.
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
        read=read_summary,
    )


@router.post("/side-by-side", scope="requirements:read", status=200, example=WEIGHTED)
async def compare_methods(wanted: MethodsCompare, comparisons: Comparisons) -> MethodsComparisonRead:
    """See several methods side by side.

    The same requirements and estimates under each method, and how alike the methods order them. Nothing is kept.
    """
    return await comparisons.side_by_side(wanted)


@router.get("/{prioritization_id}", scope="requirements:read")
async def get_prioritization(prioritization_id: UUID, prioritizations: Prioritizations) -> PrioritizationRead:
    """Read a ranking with all its lines."""
    return await prioritizations.get(prioritization_id)


@router.get("/{prioritization_id}/comparison", scope="requirements:read")
async def get_prioritization_comparison(
    prioritization_id: UUID,
    comparisons: Comparisons,
    earlier_id: Annotated[
        UUID | None, Query(description="Compared with this ranking; the last one by the same method unless given.")
    ] = None,
) -> PrioritizationComparisonRead:
    """Compare a ranking with an earlier one.

    For each requirement: whom it passed, who passed it, who entered or left above it, and how much the change of each
    input changed its score. The parts add up exactly.
    """
    return await comparisons.with_earlier(prioritization_id, earlier_id)


@router.get("/{prioritization_id}/swap", scope="requirements:read")
async def get_prioritization_swap(
    prioritization_id: UUID,
    prioritizations: Prioritizations,
    upper_id: Annotated[UUID | None, Query(description="The requirement that stands above; the first one.")] = None,
    lower_id: Annotated[UUID | None, Query(description="The one that should pass it; the next one.")] = None,
) -> SwapBetweenRead:
    """Ask what would turn two requirements.

    The smallest change, as a share of its value, of one input of either or of one weight.
    """
    return await prioritizations.swap(prioritization_id, upper_id=upper_id, lower_id=lower_id)
