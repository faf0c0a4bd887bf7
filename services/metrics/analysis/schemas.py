"""Analyses as callers see them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp
from services.metrics.domain.anomalies.search import Method
from services.metrics.domain.anomalies.told import Kind
from services.metrics.domain.rollups import Grain

AnomalyGrain = Literal["hour", "day", "week", "month"]


class KpiForecastPoint(Reading):
    """One period ahead."""

    starts_at: Timestamp
    value: float
    low: float
    high: float


class KpiForecastRead(Reading):
    """Where a KPI is going."""

    kpi_id: UUID
    kpi_version: int
    method: str | None = Field(description="The method whose own past errors were least; null without enough past.")
    level: float = Field(description="The share of past figures that lay within intervals made like these.")
    points: list[KpiForecastPoint]


class AnomalyRead(Reading):
    """A figure that its past did not let expect, or a moment that it holds nothing like."""

    starts_at: Timestamp
    kind: Kind = Field(
        description="`level_shift`: by `expected` the fourth in a row on the same side, from then on the new normal; "
        "by `novelty` a recent mean far off the long one. `spread` and `pattern`, by `novelty` alone: figures that "
        "scatter, or follow each other, as they never did; each by itself may be an ordinary one."
    )
    value: float
    expected: float
    low: float
    high: float
    score: float = Field(
        description="How far off, in robust standard deviations; by `novelty` how rare, in those of normal noise."
    )
    is_good: bool | None = Field(description="Whether it went the way that the KPI should go; null for a band.")


class AnomaliesRead(Reading):
    """What was out of the ordinary in a KPI, newest first."""

    kpi_id: UUID
    kpi_version: int
    method: Method
    grain: Grain
    limit: float
    periods: int = Field(description="How many periods were looked through.")
    anomalies: list[AnomalyRead]


class ChangePointRead(Reading):
    """When a KPI began to behave otherwise."""

    starts_at: Timestamp = Field(description="The first period of the new stretch.")
    before: float = Field(description="The mean of the stretch before.")
    after: float = Field(description="The mean of the stretch that begins here.")
    probability: float = Field(description="That a stretch begins here, or within two periods of it.")
    is_good: bool | None = Field(description="Whether the level went the way that the KPI should go; null for a band.")


class ChangePointsRead(Reading):
    """The stretches of a KPI, newest first."""

    kpi_id: UUID
    kpi_version: int
    periods: int = Field(description="How many periods were looked through.")
    change_points: list[ChangePointRead]
