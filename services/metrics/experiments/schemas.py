"""Experiments as callers send and see them."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import (
    Body,
    Count,
    ExternalId,
    Label,
    Prose,
    Reading,
    Real,
    Resource,
    Timestamp,
    Title,
    Whole,
)
from services.metrics.domain.experiments import Advice, Measure
from services.metrics.domain.impact import Grade, Verdict

MOST_ARMS = 10

Share = Annotated[Real, Field(gt=0, le=1)]
Sum = Annotated[float, Field(allow_inf_nan=False, ge=-1e300, le=1e300)]
SumOfSquares = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e300)]


def _distinct(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


class ExperimentCreate(Body):
    """Units assigned by chance to arms, and the KPI that decides."""

    name: Title
    hypothesis: Prose = ""
    kpi_id: UUID
    feature_id: UUID | None = Field(default=None, description="The feature that is tried.")
    measure: Measure = Field(description="How a unit's figure is meant; `ratio` divides by another of its figures.")
    shares: dict[Label, Share] = Field(
        min_length=2, max_length=MOST_ARMS, description="Each arm and its share of the units.", examples=[{"a": 1}]
    )
    control: Label = Field(description="The arm that all others are compared with.")
    planned_units: Annotated[Count, Field(ge=100, le=10**9)] = Field(
        description="How many units in all; the interval is tightest there, and valid at every number."
    )
    guardrail_kpi_ids: Annotated[list[UUID], Field(max_length=20), AfterValidator(_distinct)] = Field(
        default=[], description="KPIs that may not suffer."
    )

    @model_validator(mode="after")
    def _one_control(self) -> Self:
        if self.control not in self.shares:
            raise ValueError("control names one of the arms")
        if abs(sum(self.shares.values()) - 1) > 1e-6:
            raise ValueError("the shares add up to 1")
        return self


class ExperimentRead(Resource):
    """An experiment."""

    name: str
    hypothesis: str
    kpi_id: UUID
    feature_id: UUID | None
    measure: Measure
    shares: dict[str, float]
    control: str
    planned_units: int
    guardrail_kpi_ids: list[UUID]


class ArmTotals(Body):
    """What one arm adds up to since the beginning: n, sums, sums of squares and of products over its units."""

    units: Count
    total: Sum = Field(description="Sum of the units' figures y.")
    squares: SumOfSquares = Field(description="Sum of y squared.")
    other_total: Sum = Field(default=0, description="Sum of x: a figure from before, or the ratio's denominator.")
    other_squares: SumOfSquares = Field(default=0, description="Sum of x squared.")
    products: Sum = Field(default=0, description="Sum of x times y.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for squares, total in ((self.squares, self.total), (self.other_squares, self.other_total)):
            if self.units * squares < total * total * (1 - 1e-9):
                raise ValueError("no such figures exist: a sum of squares is too small for its sum")
        return self


class ExternalEffect(Body):
    """One arm minus the control, as another tool told it."""

    effect: Sum
    effect_low: Sum
    effect_high: Sum

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not self.effect_low <= self.effect <= self.effect_high:
            raise ValueError("the effect lies within its interval")
        return self


class ExternalReadout(Body):
    """What another tool found; it did the randomising and the arithmetic."""

    source: Title = Field(examples=["Statsig"])
    method: Prose = Field(description="How the interval was made: whether it may be looked at often is for it to say.")
    level: Annotated[Real, Field(ge=0.5, lt=1)] = Field(default=0.95, description="Of the intervals.")
    control: Sum = Field(description="The control's own figure.")
    units: dict[Label, Count] = Field(description="How many units each arm has.")
    effects: dict[Label, ExternalEffect] = Field(description="For each arm but the control.")


class CountedReading(Body):
    """To be counted from the assignments, and from what was measured of the assigned units."""

    covariate_days: Annotated[Whole, Field(ge=0, le=90)] = Field(
        default=14,
        description="The same figure from so many days before each assignment narrows the interval; 0: none.",
    )


class ReadingCreate(Body):
    """What was read for the deciding KPI or for a guardrail: totals, another tool's answer, or to be counted here."""

    kpi_id: UUID
    as_of: Timestamp
    arms: dict[Label, ArmTotals] | None = None
    external: ExternalReadout | None = None
    counted: CountedReading | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if [self.arms, self.external, self.counted].count(None) != 2:
            raise ValueError("send one of `arms`, `external` and `counted`")
        return self


class AssignmentCreate(Body):
    """That a unit is in an arm."""

    unit: ExternalId = Field(
        description="Your own id of the unit, as in `subject` of measurements or `person` of usage events. Only a "
        "keyed hash of it is kept."
    )
    arm: Label
    assigned_at: Timestamp


class AssignmentRead(Reading):
    """The arm of a unit, and since when; it does not say which unit."""

    arm: str
    assigned_at: Timestamp


class ReadingRead(Reading):
    """A reading; it never changes."""

    id: UUID
    experiment_id: UUID
    kpi_id: UUID
    as_of: Timestamp
    arms: dict[str, ArmTotals] = Field(description="Empty for what another tool told.")
    external: ExternalReadout | None
    covariate_days: int | None = Field(description="Set where it was counted from assignments.")
    read_by: str
    read_at: Timestamp


class ArmReadout(Reading):
    """One arm against the control."""

    arm: str
    verdict: Verdict
    advice: Advice
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    relative_effect: float | None
    variance_kept: float | None = Field(description="What the covariate left of the variance; 1 without one.")
    covariate_difference: float | None = Field(
        description="How far the arm was off the control before it began, in standard deviations of the covariate."
    )
    covariate_p: float | None = Field(
        description="How probable a difference as large is by chance; below 0.001 the assignment is broken."
    )
    broken_guardrail_kpi_ids: list[UUID]


class FormulaRead(Reading):
    """A formula, in plain text, and its source."""

    name: str
    formula: str
    source: str


class ReadoutRead(Reading):
    """What an experiment shows now."""

    experiment_id: UUID
    kpi_id: UUID
    kpi_version: int
    evidence_grade: Grade
    as_of: Timestamp | None
    units: int
    planned_units: int
    sample_ratio_p: float | None = Field(description="How probable the arms' counts are under the agreed shares.")
    is_mismatch: bool = Field(description="Below 0.001: the assignment is broken, and nothing can be concluded.")
    level: float
    arms: list[ArmReadout]
    method: str
    formulas: list[FormulaRead] = Field(description="What the figures were worked out by, and where it was published.")
