"""What callers send and see of calibration proposals."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Reading, Remark, Resource
from services.requirements.backlog.estimating import Estimate
from services.requirements.domain.calibrating import ProposalState


class CalibrationProposalCreate(Body):
    """Which ranking to correct."""

    prioritization_id: UUID = Field(description="Made by `rice` or `value_effort`: methods with a promise in them.")


class CalibrationProposalDismiss(Body):
    """Why not."""

    reason: Remark


class EstimateChangeRead(Reading):
    """One estimate as it is and as it would be."""

    requirement_id: UUID
    title: str
    current: Estimate
    proposed: Estimate


class CalibrationProposalRead(Resource):
    """Estimates as they would be if promises went on being kept as they were."""

    state: ProposalState
    reason: str | None = Field(description="Why it was dismissed.")
    decided_by: str | None
    input: str = Field(description="The promise that is corrected: `impact` for RICE, `value` for value / effort.")
    factor: float = Field(description="What each promise is multiplied by; near 1 while little is known.")
    promises: int = Field(description="How many measured promises it rests on.")
    realised: float | None = Field(description="How much of them came true, on average; 1 is all.")
    hit_rate: float = Field(description="The share of effects that lay within the promised range.")
    outcome_ids: list[UUID]
    earlier_id: UUID = Field(description="The ranking that is corrected.")
    prioritization_id: UUID | None = Field(description="The ranking that accepting made; compare it with the earlier.")
    changes: list[EstimateChangeRead]
