"""Digests as callers see them."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp
from services.metrics.alerts.schemas import AlertState
from services.metrics.dashboards.schemas import TileState
from services.metrics.domain.attainment import Status
from services.metrics.domain.impact import Grade, Verdict
from services.metrics.insights.schemas import InsightRead


class DigestTarget(Reading):
    """How a KPI of the dashboard is getting on towards a target."""

    target_id: UUID
    kpi_id: UUID
    name: str
    unit: str
    value: float
    due_on: date
    status: Status
    current: float | None
    progress: float | None
    probability: float | None


class DigestAlert(Reading):
    """An alert that is not over."""

    alert_id: UUID
    kpi_id: UUID
    kpi: str
    rule: str
    state: AlertState
    value: float | None
    since: Timestamp


class DigestVerdict(Reading):
    """What was found in that week about a launch."""

    outcome_id: UUID
    feature_id: UUID
    kpi_id: UUID
    kpi: str
    unit: str
    verdict: Verdict
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    evidence_grade: Grade | None
    is_final: bool


class DigestContent(Reading):
    """Everything that a digest tells."""

    tiles: list[TileState] = Field(description="Without the figures of the periods before the last.")
    targets: list[DigestTarget]
    alerts: list[DigestAlert]
    insights: list[InsightRead]
    verdicts: list[DigestVerdict]


class DigestRead(Reading):
    """A digest as it was made; it does not change."""

    id: UUID
    dashboard_id: UUID
    dashboard_version: int
    begins_at: Timestamp
    ends_at: Timestamp
    is_scheduled: bool = Field(description="Whether it was made because it was due.")
    made_by: str
    made_at: Timestamp
    content: DigestContent
    text: str = Field(description="The same in words, as Markdown.")


def facts_of(content: DigestContent) -> dict[str, Any]:
    """What the feed tells: ids and numbers."""
    return {
        "kpi_ids": [each.kpi_id for each in content.tiles],
        "better": sum(each.is_good is True for each in content.tiles),
        "worse": sum(each.is_good is False for each in content.tiles),
        "target_ids": [each.target_id for each in content.targets],
        "alert_ids": [each.alert_id for each in content.alerts],
        "outcome_ids": [each.outcome_id for each in content.verdicts],
        "insights": len(content.insights),
    }
