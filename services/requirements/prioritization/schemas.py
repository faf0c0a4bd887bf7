"""What callers see of prioritizations."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Day, Reading, Resource
from services.requirements.backlog.estimating import Estimates
from services.requirements.feasibility.schemas import FeasibilityRead
from services.requirements.prioritization.questions import EstimatesFrom, MethodName


class SwapRead(Reading):
    """The least change of one number after which this requirement stands above the other."""

    requirement_id: UUID | None = Field(
        description="Whose number would change: this one's, or the other's. Null: the weight of a driver."
    )
    input: str = Field(description="The input, or the driver whose weight it is.")
    current: float
    needed: float
    relative_change: float | None = Field(description="As a share of the current value; null where that is 0.")


class EstimateDisagreementRead(Reading):
    """How far people's likely values of one input lie apart."""

    people: int
    lowest: float
    highest: float


class TakenRead(Reading):
    """Where an input came from."""

    source: str
    currency: str | None
    segment_id: UUID | None
    counted: float = Field(description="What was counted when the ranking was made; money in minor units.")
    factor: float
    value: float = Field(description="What the requirement was scored by: counted x factor.")


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
    inputs: dict[str, float] = Field(description="The numbers that it was scored by.")
    taken: dict[str, TakenRead] = Field(
        default={}, description="Inputs that were counted rather than estimated, each with where it came from."
    )
    disagreement: dict[str, EstimateDisagreementRead] = Field(
        default={}, description="With pooled estimates: the inputs that several people estimated."
    )
    ranks_by_person: dict[str, int] = Field(
        default={}, description="With pooled estimates: where it would stand if each person's counted alone."
    )
    feasibility: FeasibilityRead | None = Field(default=None, description="Null: no expert has judged it.")
    risk_adjusted_score: float | None = Field(
        default=None, description="Score x the chance that it can be done; null where no expert has judged."
    )
    risk_adjusted_rank: int | None = Field(
        default=None, description="Where it would stand by that; what nobody has judged counts as certain there."
    )
    fits_capacity: bool | None = Field(
        default=None,
        description="Whether its days are free after all that stand above took theirs. Null: not asked, no effort by "
        "skill, or the roadmap did not answer.",
    )
    missing_days: dict[str, float] | None = Field(default=None, description="By skill, what it lacks.")
    estimates: Estimates = Field(description="Those of the requirement, as they were.")


class WeighedDriverRead(Reading):
    """What was weighed: `worst` scores 0 and `best` scores 1."""

    name: str
    input: str = Field(description="With its currency and segment, where it has them: `revenue:EUR`.")
    weight: float
    worst: float
    best: float


class CapacityAnswerRead(Reading):
    """What the roadmap was asked when the ranking was made."""

    starts_on: Day
    ends_on: Day
    team_id: UUID | None
    days_per_person_month: float
    state: Literal["answered", "unavailable", "nothing_to_ask"] = Field(
        description="`unavailable`: the roadmap did not answer, and nothing is said of what fits; rank again later. "
        "`nothing_to_ask`: no requirement says which skills it takes."
    )


class PrioritizationSummary(Resource):
    """A ranking as it was made; it never changes."""

    name: str
    method: MethodName
    source: str = Field(description="Where the method is published.")
    estimates_from: EstimatesFrom
    drivers: list[WeighedDriverRead]
    top: int
    seed: int
    draws: int = Field(description="How many times the estimates were drawn from their ranges.")
    stability: float = Field(description="Mean rank correlation of the drawn orders with this one; 1: nothing moves.")
    concordance: float | None = Field(
        description="With pooled estimates of several people: Kendall's W, 1 when all would rank alike, 0 when none."
    )
    capacity: CapacityAnswerRead | None = Field(description="What the roadmap was asked; null when it was not.")
    reference: dict[str, float] = Field(description="The median of each input, which contributions start from.")
    made_by: str


class PrioritizationRead(PrioritizationSummary):
    """A ranking with its lines."""

    ranking: list[RankedRead]


class RankScoreChangeRead(Reading):
    """From the earlier score to the later one, input by input."""

    earlier_score: float
    score: float
    contributions: dict[str, float] = Field(
        description="What each input's change adds; with earlier_score they add up to the score exactly."
    )


class RankMoveRead(Reading):
    """One requirement in both rankings."""

    requirement_id: UUID
    title: str
    rank: int | None = Field(description="Null: it is ranked no more.")
    earlier_rank: int | None = Field(description="Null: it was not ranked then.")
    passed: int = Field(description="How many it stands above now that stood above it.")
    passed_by: int = Field(description="How many stand above it now that it stood above.")
    entered_above: int = Field(description="How many stand above it now that were not ranked then.")
    left_above: int = Field(description="How many stood above it then that are ranked no more.")
    passed_ids: list[UUID] = Field(description="At most 20 of those that it passed.")
    passed_by_ids: list[UUID] = Field(description="At most 20 of those that passed it.")
    score_change: RankScoreChangeRead | None = Field(description="Null across methods, and for what is in one only.")
    summary: str = Field(description="The same in words.")


class PrioritizationComparisonRead(Reading):
    """What moved between two rankings, and why.

    For each that is in both: rank = earlier_rank + passed_by + entered_above - passed - left_above.
    """

    prioritization_id: UUID
    earlier_id: UUID | None = Field(description="Null: there was none before by this method.")
    method: MethodName
    earlier_method: MethodName | None
    moves: list[RankMoveRead]


class SwapBetweenRead(Reading):
    """What would turn two requirements of a ranking."""

    upper_id: UUID | None
    lower_id: UUID | None
    swap: SwapRead | None = Field(description="Null where no single number can do it.")


class MethodPlaceRead(Reading):
    """Where a method puts it."""

    rank: int
    score: float
    rank_low: int
    rank_high: int
    p_top: float


class SideBySideRead(Reading):
    """One requirement under each method; null where it lacks what the method needs."""

    requirement_id: UUID
    title: str
    places: dict[str, MethodPlaceRead | None]


class MethodAgreementRead(Reading):
    """How alike two methods order what both can rank."""

    methods: tuple[MethodName, MethodName]
    requirements: int
    rank_correlation: float | None = Field(description="Spearman's rho; null where either tells nothing apart.")


class MethodsComparisonRead(Reading):
    """Several methods side by side; nothing is kept."""

    ranked: dict[str, int] = Field(description="How many requirements each method could rank.")
    agreement: list[MethodAgreementRead]
    requirements: list[SideBySideRead] = Field(description="In the order of the first method, then of the next.")
