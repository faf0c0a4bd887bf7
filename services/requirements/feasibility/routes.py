"""HTTP for judgements of feasibility."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.feasibility.schemas import (
    FeasibilityJudgementCreate,
    FeasibilityJudgementRead,
    FeasibilityJudgementUpdate,
)
from services.requirements.feasibility.service import FeasibilityService
from services.requirements.models import FeasibilityJudgement

router = Router(prefix="/v1/requirements/{requirement_id}/feasibility-judgements", tags=["Prioritization"])
Judging = Annotated[FeasibilityService, Depends(FeasibilityService)]

LAWYER = {
    "expert": "Counsel",
    "aspect": "legal",
    "chance": {"low": 0.6, "likely": 0.8, "high": 0.9},
    "reason": "The bank has to agree to the new wording.",
}


@router.post(scope="requirements:write", example=LAWYER)
async def create_feasibility_judgement(
    requirement_id: UUID, new: FeasibilityJudgementCreate, judging: Judging
) -> Created[FeasibilityJudgementRead]:
    """Say whether it can be done.

    What one expert believes of one aspect: technical, legal, or what it depends on. Rankings multiply each score by the
    chance that all experts together give it, and show both.
    """
    return created(FeasibilityJudgementRead.model_validate(await judging.create(requirement_id, new)))


@router.get(scope="requirements:read")
async def list_feasibility_judgements(
    requirement_id: UUID, judging: Judging, page: Paging
) -> Page[FeasibilityJudgementRead]:
    """List what experts believe of a requirement, newest first."""
    await judging.requirements.get(requirement_id)
    return await list_page(
        judging.work,
        judging.judgements.of(requirement_id),
        page,
        model=FeasibilityJudgement,
        subject_type="feasibility_judgement",
        read=FeasibilityJudgementRead.model_validate,
        filters={"requirement_id": requirement_id},
    )


@router.get("/{judgement_id}", scope="requirements:read")
async def get_feasibility_judgement(
    requirement_id: UUID, judgement_id: UUID, judging: Judging
) -> FeasibilityJudgementRead:
    """Read what one expert believes."""
    return FeasibilityJudgementRead.model_validate(await judging.judgements.get_of(requirement_id, judgement_id))


@router.patch(
    "/{judgement_id}",
    scope="requirements:write",
    example={"chance": {"low": 0.9, "likely": 0.95, "high": 1}, "reason": "The bank has agreed."},
)
async def update_feasibility_judgement(
    requirement_id: UUID, judgement_id: UUID, change: FeasibilityJudgementUpdate, judging: Judging, if_match: IfMatch
) -> FeasibilityJudgementRead:
    """Change what an expert believes."""
    judgement = await judging.update(requirement_id, judgement_id, change, if_match=if_match)
    return FeasibilityJudgementRead.model_validate(judgement)


@router.delete("/{judgement_id}", scope="requirements:write")
async def delete_feasibility_judgement(
    requirement_id: UUID, judgement_id: UUID, judging: Judging, if_match: IfMatch
) -> None:
    """Take an expert's judgement away."""
    await judging.remove(requirement_id, judgement_id, if_match=if_match)
