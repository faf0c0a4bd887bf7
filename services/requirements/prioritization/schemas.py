"""What callers send and see of prioritizations."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Reading, Resource, Title
from services.requirements.backlog.schemas import Estimates
from services.requirements.domain.states import RequirementStatus

MOST_RANKED = 1_000
MethodName = Literal["rice"]
OPEN_STATES = (RequirementStatus.DRAFT, RequirementStatus.CANDIDATE)


class PrioritizationCreate(Body):
    """What to rank, and how."""

    name: Title = Field(examples=["Spring planning"])
    method: MethodName = "rice"
    requirement_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_RANKED)] | None = Field(
        default=None, description="Which requirements; all in `statuses` unless given."
    )
    statuses: Annotated[list[RequirementStatus], Field(min_length=1)] = Field(
        default=list(OPEN_STATES), description="Without `requirement_ids`: those in these states that are estimated."
    )
    top: Annotated[int, Field(strict=True, ge=1, le=MOST_RANKED)] = Field(
        default=10, description="How many you mean to take: the chance to be among them is told for each."
    )
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = Field(
        default=1, description="The same seed and estimates give the same intervals."
    )


class SwapRead(Reading):
    """The least change of one number after which this requirement stands above the one before it."""

    requirement_id: UUID = Field(description="Whose number would change: this one's, or the one's above.")
    input: str
    current: float
    needed: float
    relative_change: float = Field(description="The change as a share of the current value.")


class RankedRead(Reading):
    """One requirement in its place."""

    rank: int
    requirement_id: UUID
    requirement_version: int = Field(description="The version that was ranked.")
    title: str
    score: float
    score_low: float = Field(description="With score_high: holds 90 % of the scores that the ranges allow.")
    score_high: float
    reference_score: float = Field(description="Where the explanation starts: the score of the median inputs.")
    contributions: dict[str, float] = Field(
        description="What each input adds; with reference_score they add up to the score exactly (Shapley values)."
    )
    rank_low: int = Field(description="With rank_high: holds 90 % of the ranks that the ranges allow.")
    rank_high: int
    p_rank: float = Field(description="The chance of standing exactly here.")
    p_top: float = Field(description="The chance of standing among the `top`.")
    swap_with_above: SwapRead | None = Field(description="Null at the top, and where no single number can do it.")
    estimates: Estimates = Field(description="As they were ranked.")


class PrioritizationSummary(Resource):
    """A ranking as it was made; it never changes."""

    name: str
    method: MethodName
    top: int
    seed: int
    draws: int = Field(description="How many times the estimates were drawn from their ranges.")
    stability: float = Field(description="Mean rank correlation of the drawn orders with this one; 1: nothing moves.")
    reference: dict[str, float] = Field(description="The median of each input, which contributions start from.")
    made_by: str


class PrioritizationRead(PrioritizationSummary):
    """A ranking with its lines."""

    ranking: list[RankedRead]
