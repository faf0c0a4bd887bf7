"""Insights as callers see them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp

InsightKind = Literal["anomaly", "target_at_risk", "outcome_worse", "promises_too_high", "kpi_silent"]


class Evidence(Reading):
    """What an insight rests on: a thing of this API, by its type and id."""

    type: Literal["kpi", "target", "outcome"]
    id: UUID


class InsightRead(Reading):
    """One thing that deserves attention."""

    kind: InsightKind
    severity: float = Field(ge=0, le=1, description="On one scale for all kinds; the list is sorted by it.")
    headline: str
    kpi_id: UUID | None
    facts: dict[str, float | str | None]
    evidence: list[Evidence]
    seen_at: Timestamp


class InsightsRead(Reading):
    """What deserves attention, gravest first."""

    as_of: Timestamp
    kpis_looked_at: int
    insights: list[InsightRead]
