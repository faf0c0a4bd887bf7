"""The tables of the metrics service, one room per noun."""

from services.metrics.models.alerts import Alert, AlertRule
from services.metrics.models.base import MetricsBase as Base
from services.metrics.models.experiments import Experiment, ExperimentReading
from services.metrics.models.kpis import Kpi, KpiEdge, KpiInput, KpiVersion
from services.metrics.models.measurements import Measurement, Rollup
from services.metrics.models.outcomes import Outcome, OutcomeEvaluation
from services.metrics.models.targets import Target

__all__ = [
    "Alert",
    "AlertRule",
    "Base",
    "Experiment",
    "ExperimentReading",
    "Kpi",
    "KpiEdge",
    "KpiInput",
    "KpiVersion",
    "Measurement",
    "Outcome",
    "OutcomeEvaluation",
    "Rollup",
    "Target",
]
