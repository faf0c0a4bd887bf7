"""Has analyses computed in the child, on what was read before."""

from typing import cast
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.metrics.analysis.recent import Recent, RecentReader
from services.metrics.analysis.schemas import AnomaliesRead, AnomalyRead, KpiForecastPoint, KpiForecastRead
from services.metrics.clients.context import MetricsContext
from services.metrics.domain import anomalies
from services.metrics.domain.anomalies import Anomaly
from services.metrics.domain.forecasting import Forecast, Question
from services.metrics.domain.impact import Direction
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Kpi

LEVEL = 0.9
SEARCH = "services.metrics.domain.anomalies:search"
FORETELL = "services.metrics.domain.forecasting:foretell"


class AnalysisService:
    """Analyses of one workspace's KPIs."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.kpis = KpiRepository(work.session)
        self.recent = RecentReader(work.session)

    async def anomalies(self, kpi_id: UUID, *, limit: float) -> AnomaliesRead:
        """Raises NotFound."""
        kpi = await self.kpis.get(kpi_id)
        recent = await self.recent.read(kpi, now=self.work.clock.now())
        question = anomalies.Question([recent.values], season=recent.season, limit=limit)
        (found,) = await self.context.analyst.call(SEARCH, question)
        return AnomaliesRead(
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            periods=len(recent.starts),
            anomalies=[read_anomaly(each, kpi, recent) for each in reversed(found)],
        )

    async def forecast(self, kpi_id: UUID, *, horizon: int) -> KpiForecastRead:
        """Raises NotFound; without enough past there are no points."""
        kpi = await self.kpis.get(kpi_id)
        recent = await self.recent.read(kpi, now=self.work.clock.now())
        question = Question(recent.values, horizon=horizon, season=recent.season, level=LEVEL)
        told: Forecast | None = await self.context.analyst.call(FORETELL, question)
        points = (
            []
            if told is None
            else [
                KpiForecastPoint(starts_at=start, value=value, low=low, high=high)
                for start, value, low, high in zip(recent.ahead(horizon), told.points, told.low, told.high, strict=True)
            ]
        )
        return KpiForecastRead(
            kpi_id=kpi.id, kpi_version=kpi.version, method=told.method if told else None, level=LEVEL, points=points
        )


def read_anomaly(anomaly: Anomaly, kpi: Kpi, recent: Recent) -> AnomalyRead:
    is_rise = anomaly.value > anomaly.expected
    is_good = None if kpi.direction == Direction.BAND else is_rise == (kpi.direction == Direction.UP)
    told = {name: getattr(anomaly, name) for name in AnomalyRead.model_fields if name not in {"starts_at", "is_good"}}
    return AnomalyRead(starts_at=recent.starts[anomaly.row], is_good=is_good, **told)
