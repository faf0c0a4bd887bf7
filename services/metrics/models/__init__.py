"""The tables of the metrics service, one room per noun."""

from services.metrics.models.alerts import Alert, AlertRule
from services.metrics.models.base import MetricsBase as Base
from services.metrics.models.dashboards import Dashboard, Digest, DigestDelivery, DigestSubscription
from services.metrics.models.experiments import Experiment, ExperimentAssignment, ExperimentReading
from services.metrics.models.kpis import Kpi, KpiEdge, KpiInput, KpiVersion
from services.metrics.models.measurements import (
    DimensionRollup,
    DirtyDay,
    Measurement,
    MeasurementKey,
    MeasurementRevision,
    Rollup,
    Sketch,
)
from services.metrics.models.outcomes import Outcome, OutcomeEvaluation
from services.metrics.models.sources import MeasurementFile, MeasurementSource
from services.metrics.models.targets import Target
from services.metrics.models.usage_events import PersonLink, UsageEvent

__all__ = [
    "Alert",
    "AlertRule",
    "Base",
    "Dashboard",
    "Digest",
    "DigestDelivery",
    "DigestSubscription",
    "DimensionRollup",
    "DirtyDay",
    "Experiment",
    "ExperimentAssignment",
    "ExperimentReading",
    "Kpi",
    "KpiEdge",
    "KpiInput",
    "KpiVersion",
    "Measurement",
    "MeasurementFile",
    "MeasurementKey",
    "MeasurementRevision",
    "MeasurementSource",
    "Outcome",
    "OutcomeEvaluation",
    "PersonLink",
    "Rollup",
    "Sketch",
    "Target",
    "UsageEvent",
]
