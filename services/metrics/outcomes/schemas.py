"""Outcomes and their evaluations as callers see them."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Resource, Timestamp
from services.metrics.domain.impact import Doubt, Grade, Verdict

State = Literal["open", "measured", "final"]


class PredictionRead(Reading):
    """By how much the KPI's mean per period was to change, signed, in its unit."""

    low: float
    likely: float
    high: float


class OutcomeRead(Resource):
    """One effect that a feature should have on a KPI, and what is known of it."""

    feature_id: UUID
    kpi_id: UUID
    requirement_ids: list[UUID]
    shipped_at: Timestamp
    due_on: date | None
    window_ends_at: Timestamp = Field(description="When the last word is said; agreed at the launch.")
    predicted: PredictionRead | None
    state: State = Field(description="`open`: nothing certain yet; `measured`: an early verdict; `final`.")
    verdict: Verdict | None
    effect: float | None = Field(description="The change of the KPI's mean per period, in its unit.")
    effect_low: float | None
    effect_high: float | None
    evidence_grade: Grade | None = Field(description="A experiment, B control series, C before and after.")
    measured_at: Timestamp | None


class PlaceboRead(Reading):
    """Pretended launches before the real one: how many, how many intervals held, how much that widened this one."""

    count: int
    held: int
    widening: float


class Findings(Reading):
    """Everything that a verdict rests on."""

    doubts: list[Doubt] = Field(description="Why no verdict is given, when it is `inconclusive`.")
    level: float = Field(description="The probability that the interval holds; early looks must clear 0.999.")
    actual: float | None = Field(description="The KPI's mean per period since the launch.")
    expected: float | None = Field(description="What it would have been without the launch.")
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    relative_effect: float | None
    negligible: float | None = Field(description="Effects within plus or minus this count as none.")
    evidence_grade: Grade
    points_before: int
    points_after: int
    observed_from: Timestamp | None
    observed_until: Timestamp | None
    placebo: PlaceboRead | None
    trend_probability: float | None = Field(description="How probable a lasting trend was before the launch.")
    has_pre_trend: bool
    control_kpi_ids: list[UUID]
    overlapping_feature_ids: list[UUID] = Field(description="Other launches in the same time that aim at this KPI.")
    experiment_id: UUID | None = Field(default=None, description="The experiment that the verdict rests on (grade A).")
    against_prediction: Literal["below", "within", "above"] | None
    method: str


class EvaluationRead(Reading):
    """One look at the data; it never changes."""

    id: UUID
    outcome_id: UUID
    kpi_version: int
    verdict: Verdict
    is_final: bool
    findings: Findings
    evaluated_by: str
    evaluated_at: Timestamp
