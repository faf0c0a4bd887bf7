"""Has analyses computed in the child, on what was read before."""

from typing import cast
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.metrics.analysis.recent import Recent, RecentReader
from services.metrics.analysis.schemas import (
    AnomaliesRead,
    AnomalyGrain,
    AnomalyRead,
    ChangePointRead,
    ChangePointsRead,
    KpiForecastPoint,
    KpiForecastRead,
)
from services.metrics.clients.context import MetricsContext
from services.metrics.domain import change_points
from services.metrics.domain.anomalies import search
from services.metrics.domain.anomalies.search import LIMITS, Method
from services.metrics.domain.anomalies.told import Anomaly
from services.metrics.domain.change_points import ChangePoint
from services.metrics.domain.forecasting import Forecast, Question
from services.metrics.domain.impact import Direction
from services.metrics.domain.rollups import Grain
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Kpi

LEVEL = 0.9
SEARCH = "services.metrics.domain.anomalies.search:search"
CUT = "services.metrics.domain.change_points:search"
FORETELL = "services.metrics.domain.forecasting:foretell"


class AnalysisService:
    """Analyses of one workspace's KPIs."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.kpis = KpiRepository(work.session)
        self.recent = RecentReader(work.session)

    async def anomalies(
        self, kpi_id: UUID, *, method: Method | None, grain: AnomalyGrain | None, limit: float | None
    ) -> AnomaliesRead:
        """Raises NotFound."""
        kpi = await self.kpis.get(kpi_id)
        recent = await self.recent.read(kpi, now=self.work.clock.now(), grain=Grain(grain) if grain else None)
        method = method or (Method.NOVELTY if recent.grain is Grain.HOUR else Method.EXPECTED)
        limit = LIMITS[method] if limit is None else limit
        question = search.Question([recent.values], season=recent.season, limit=limit, method=method)
        (found,) = await self.context.analyst.call(SEARCH, question)
        return AnomaliesRead(
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            method=method,
            grain=recent.grain,
            limit=limit,
            periods=len(recent.starts),
            anomalies=[read_anomaly(each, kpi, recent) for each in reversed(found)],
        )

    async def change_points(self, kpi_id: UUID) -> ChangePointsRead:
        """Raises NotFound."""
        kpi = await self.kpis.get(kpi_id)
        recent = await self.recent.read(kpi, now=self.work.clock.now())
        (found,) = await self.context.analyst.call(CUT, change_points.Question([recent.values], season=recent.season))
        return ChangePointsRead(
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            periods=len(recent.starts),
            change_points=[read_change_point(each, kpi, recent) for each in reversed(found)],
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
    is_good = _is_good(kpi, is_rise=anomaly.value > anomaly.expected)
    told = {name: getattr(anomaly, name) for name in AnomalyRead.model_fields if name not in {"starts_at", "is_good"}}
    return AnomalyRead(starts_at=recent.starts[anomaly.row], is_good=is_good, **told)


def read_change_point(found: ChangePoint, kpi: Kpi, recent: Recent) -> ChangePointRead:
    return ChangePointRead(
        starts_at=recent.starts[found.row],
        before=found.before,
        after=found.after,
        probability=found.probability,
        is_good=_is_good(kpi, is_rise=found.after > found.before),
    )


def _is_good(kpi: Kpi, *, is_rise: bool) -> bool | None:
    return None if kpi.direction == Direction.BAND else is_rise == (kpi.direction == Direction.UP)
