"""Analyses as callers see them."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp


class ForecastPoint(Reading):
    """One period ahead."""

    starts_at: Timestamp
    value: float
    low: float
    high: float


class ForecastRead(Reading):
    """Where a KPI is going."""

    kpi_id: UUID
    kpi_version: int
    method: str | None = Field(description="The method whose own past errors were least; null without enough past.")
    level: float = Field(description="The share of past figures that lay within intervals made like these.")
    points: list[ForecastPoint]
