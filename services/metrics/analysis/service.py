"""Has analyses computed in the child, on what was read before."""

from typing import cast
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.metrics.analysis.recent import RecentReader
from services.metrics.analysis.schemas import ForecastPoint, ForecastRead
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.forecasting import Forecast, Question
from services.metrics.kpis.repository import KpiRepository

LEVEL = 0.9
FORETELL = "services.metrics.domain.forecasting:foretell"


class AnalysisService:
    """Analyses of one workspace's KPIs."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.kpis = KpiRepository(work.session)
        self.recent = RecentReader(work.session)

    async def forecast(self, kpi_id: UUID, *, horizon: int) -> ForecastRead:
        """Raises NotFound; without enough past there are no points."""
        kpi = await self.kpis.get(kpi_id)
        recent = await self.recent.read(kpi, now=self.work.clock.now())
        question = Question(recent.values, horizon=horizon, season=recent.season, level=LEVEL)
        told: Forecast | None = await self.context.analyst.call(FORETELL, question)
        points = (
            []
            if told is None
            else [
                ForecastPoint(starts_at=start, value=value, low=low, high=high)
                for start, value, low, high in zip(recent.ahead(horizon), told.points, told.low, told.high, strict=True)
            ]
        )
        return ForecastRead(
            kpi_id=kpi.id, kpi_version=kpi.version, method=told.method if told else None, level=LEVEL, points=points
        )
