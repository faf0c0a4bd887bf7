"""HTTP for people's estimates."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.estimates.schemas import (
    PersonalEstimateCreate,
    PersonalEstimateRead,
    PersonalEstimateUpdate,
)
from services.requirements.estimates.service import PersonalEstimateService
from services.requirements.models import PersonalEstimate

router = Router(prefix="/v1/requirements/{requirement_id}/estimates", tags=["Prioritization"])
Estimating = Annotated[PersonalEstimateService, Depends(PersonalEstimateService)]

BACKEND_LEAD = {
    "estimator": "Backend lead",
    "estimates": {"effort": {"low": 2, "likely": 3, "high": 6}, "confidence": 0.6},
    "reason": "The importer is older than it looks.",
}


@router.post(scope="requirements:write", example=BACKEND_LEAD)
async def create_personal_estimate(
    requirement_id: UUID, new: PersonalEstimateCreate, estimating: Estimating
) -> Created[PersonalEstimateRead]:
    """Say what one person estimates.

    Everybody's estimates are kept apart: a prioritization can rest on the `pooled` ones, and shows where people
    disagree. Each person has one estimate of a requirement, to be changed when they learn more.
    """
    return created(await estimating.create(requirement_id, new))


@router.get(scope="requirements:read")
async def list_personal_estimates(
    requirement_id: UUID, estimating: Estimating, page: Paging
) -> Page[PersonalEstimateRead]:
    """List what people estimate of a requirement, newest first."""
    await estimating.requirements.get(requirement_id)
    return await list_page(
        estimating.work,
        estimating.estimates.of(requirement_id),
        page,
        model=PersonalEstimate,
        subject_type="personal_estimate",
        read=PersonalEstimateRead.model_validate,
        filters={"requirement_id": requirement_id},
    )


@router.get("/{estimate_id}", scope="requirements:read")
async def get_personal_estimate(
    requirement_id: UUID, estimate_id: UUID, estimating: Estimating
) -> PersonalEstimateRead:
    """Read what one person estimates."""
    return PersonalEstimateRead.model_validate(await estimating.estimates.get_of(requirement_id, estimate_id))


@router.patch("/{estimate_id}", scope="requirements:write", example={"estimates": {"confidence": 0.9}})
async def update_personal_estimate(
    requirement_id: UUID,
    estimate_id: UUID,
    change: PersonalEstimateUpdate,
    estimating: Estimating,
    if_match: IfMatch,
) -> PersonalEstimateRead:
    """Change what one person estimates."""
    estimate = await estimating.update(requirement_id, estimate_id, change, if_match=if_match)
    return PersonalEstimateRead.model_validate(estimate)


@router.delete("/{estimate_id}", scope="requirements:write")
async def delete_personal_estimate(
    requirement_id: UUID, estimate_id: UUID, estimating: Estimating, if_match: IfMatch
) -> None:
    """Take one person's estimate away."""
    await estimating.remove(requirement_id, estimate_id, if_match=if_match)
