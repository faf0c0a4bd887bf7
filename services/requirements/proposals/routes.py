"""HTTP for calibration proposals."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.domain.calibrating import ProposalState
from services.requirements.models import CalibrationProposal
from services.requirements.proposals.schemas import (
    CalibrationProposalCreate,
    CalibrationProposalDismiss,
    CalibrationProposalRead,
)
from services.requirements.proposals.service import ProposalService

router = Router(prefix="/v1/calibration-proposals", tags=["Prioritization"])
Proposals = Annotated[ProposalService, Depends(ProposalService)]
RANKING = {"prioritization_id": "01983a7c-2b4e-7a5d-9c44-2f7e8d9b0a31"}


@router.post(scope="requirements:write", example=RANKING, answers=(409, 503))
async def create_calibration_proposal(
    new: CalibrationProposalCreate, proposals: Proposals
) -> Created[CalibrationProposalRead]:
    """Propose what measured outcomes say of estimates.

    Asks how earlier promises were kept, and shows each promise of a ranking as it would be if that went on. Nothing
    changes until somebody accepts. 409 while nothing has been measured.
    """
    return created(await proposals.create(new))


@router.get(scope="requirements:read")
async def list_calibration_proposals(
    proposals: Proposals,
    page: Paging,
    state: Annotated[ProposalState | None, Query(description="Only those in this state.")] = None,
) -> Page[CalibrationProposalRead]:
    """List calibration proposals, newest first."""
    return await list_page(
        proposals.work,
        proposals.proposals.matching(state=state),
        page,
        model=CalibrationProposal,
        subject_type="calibration_proposal",
        read=CalibrationProposalRead.model_validate,
        filters={"state": state},
    )


@router.get("/{calibration_proposal_id}", scope="requirements:read")
async def get_calibration_proposal(calibration_proposal_id: UUID, proposals: Proposals) -> CalibrationProposalRead:
    """Read a calibration proposal."""
    return CalibrationProposalRead.model_validate(await proposals.proposals.get(calibration_proposal_id))


@router.post("/{calibration_proposal_id}/accept", scope="requirements:write", status=200, answers=(409,))
async def accept_calibration_proposal(calibration_proposal_id: UUID, proposals: Proposals) -> CalibrationProposalRead:
    """Accept a proposal.

    The estimates become what it proposes, and the requirements are ranked anew, as they were before; the comparison of
    the new ranking with the earlier one explains every move. 409 when it was decided upon before, or when somebody has
    estimated anew since.
    """
    return CalibrationProposalRead.model_validate(await proposals.accept(calibration_proposal_id))


@router.post(
    "/{calibration_proposal_id}/dismiss",
    scope="requirements:write",
    status=200,
    answers=(409,),
    example={"reason": "Two of the three outcomes fell into the holidays."},
)
async def dismiss_calibration_proposal(
    calibration_proposal_id: UUID, decision: CalibrationProposalDismiss, proposals: Proposals
) -> CalibrationProposalRead:
    """Dismiss a proposal; the reason is kept."""
    return CalibrationProposalRead.model_validate(
        await proposals.dismiss(calibration_proposal_id, reason=decision.reason)
    )
