"""What callers send and see of forecasts."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.operations import OperationRead, State
from services.chassis.types import Body, Day, Reading, Resource, Timestamp


class RoadmapForecastCreate(Body):
    roadmap_id: UUID
    starts_on: Day = Field(description="Work on what is left begins in the week of this day.")
    method: Literal["estimates", "throughput"] = Field(
        "estimates",
        description="By the work packages' ranges, or by how many features this roadmap shipped per week before.",
    )
    history_weeks: Annotated[int, Field(strict=True, ge=4, le=104)] = Field(
        26, description="How far back throughput looks; weeks before the roadmap's first feature do not count."
    )
    samples: Annotated[int, Field(strict=True, ge=1_000, le=50_000)] = 10_000
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 0


class Percentiles(Reading):
    p10: date
    p50: date
    p85: date
    p95: date


class FeatureForecastRead(Reading):
    feature_id: UUID
    done: Percentiles = Field(description="P85: in 85 of 100 simulated futures it is done by then.")
    promised_on: date | None = Field(description="Its end on the roadmap, or its deadline, whichever comes first.")
    chance: float | None = Field(description="Of being done by the promised day.")
    criticality: float | None = Field(
        description="How often it lay on the chain that ended last; null where features are counted, not simulated."
    )


class ReleaseForecastRead(Reading):
    release_id: UUID
    done: Percentiles = Field(description="When the last of its features that this forecast covers is done.")
    promised_on: date | None = Field(description="The day that it aims at.")
    chance: float | None = Field(description="Of being done by that day; null while not all of it is covered.")
    uncovered_feature_ids: list[UUID] = Field(
        description="Features that are still to be done, and that the roadmap or the forecast leaves out."
    )


class LeftOutRead(Reading):
    feature_id: UUID
    reason: str
    explanation: str


class DriverRead(Reading):
    feature_id: UUID
    skill: str
    correlation: float = Field(description="Spearman's, between the length of this work and the end of the plan.")


class EstimateCalibrationRead(Reading):
    team_id: UUID | None = Field(description="Null: all finished work together, used for teams without their own.")
    tasks: int
    coverage: float | None = Field(description="The share of finished work that took between low and high; good: 0.8.")
    bias: float | None = Field(description="What work typically took, over what was estimated.")
    factor: float = Field(description="By this the forecast multiplies the estimates.")
    widening: float = Field(description="By this it widens their ranges.")


class ThroughputRead(Reading):
    weeks: int
    done: int
    per_week: float


class ForecastAnswerRead(Reading):
    done: Percentiles | None = Field(description="Of the whole plan; null when nothing can be forecast.")
    features: list[FeatureForecastRead]
    releases: list[ReleaseForecastRead] = Field([], description="To come, and with a feature of this forecast.")
    left_out: list[LeftOutRead]
    drivers: list[DriverRead]
    calibration: list[EstimateCalibrationRead]
    throughput: ThroughputRead | None = Field(None, description="The pace it goes by, where features are counted.")
    created_at: Timestamp


class RoadmapForecastStarted(OperationRead):
    forecast_id: UUID


class RoadmapForecastRead(Resource):
    state: State
    roadmap_id: UUID
    operation_id: str
    digest: str = Field(description="SHA-256 of the question: same digest, same answer.")
    request: dict[str, Any]
    answer: ForecastAnswerRead | None
    created_by: str
