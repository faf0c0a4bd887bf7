"""Gathers what a chart shows: the series, what it should come to, what was shipped, what was out of the ordinary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.unit_of_work import Work
from services.metrics.analysis.recent import RecentReader
from services.metrics.analysis.service import SEARCH
from services.metrics.charts.content import ChartContent, ChartLaunch, ChartPoint, ChartTarget
from services.metrics.charts.repository import ChartRepository
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.anomalies.search import Question
from services.metrics.domain.rollups import Grain
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.periods import SHORTEST
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.series import SeriesReader
from services.metrics.models import Kpi, Target

USUAL_PERIODS = 90


class ChartService:
    """The charts of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.kpis = KpiRepository(work.session)
        self.charts = ChartRepository(work.session)
        self.series = SeriesReader(MeasurementRepository(work.session))
        self.recent = RecentReader(work.session)

    async def content(
        self, kpi_id: UUID, *, grain: Grain | None, since: datetime | None, until: datetime | None
    ) -> ChartContent:
        """Raises NotFound, and Invalid for too many periods."""
        kpi = await self.kpis.get(kpi_id)
        grain, zone = grain or Grain(kpi.cadence), ZoneInfo(kpi.time_zone)
        until = until or self.work.clock.now()
        since = since or until - USUAL_PERIODS * SHORTEST[grain]
        points = await self._points(kpi, grain=grain, zone=zone, since=since, until=until)
        targets, launches = await self.charts.around(kpi.id, since=since, until=until)
        return ChartContent(
            kpi_id=kpi.id,
            name=kpi.name,
            unit=kpi.unit,
            grain=grain,
            zone=zone,
            points=tuple(points),
            band=kpi.limits,
            targets=tuple(map(_target, targets)),
            launches=tuple(ChartLaunch(each.feature_id, each.shipped_at, each.verdict) for each in launches),
        )

    async def _points(
        self, kpi: Kpi, *, grain: Grain, zone: ZoneInfo, since: datetime, until: datetime
    ) -> Sequence[ChartPoint]:
        read = await self.series.points(kpi, grain=grain, zone=zone, since=since, until=until)
        points = [ChartPoint(each.starts_at, each.ends_at, each.value, each.measurements) for each in read]
        if grain != kpi.cadence:
            return points
        odd = await self._odd(kpi, now=until)
        return [replace(point, is_odd=point.starts_at in odd) for point in points]

    async def _odd(self, kpi: Kpi, *, now: datetime) -> set[datetime]:
        """The periods of the KPI's cadence that were out of the ordinary, judged by their past alone."""
        recent = await self.recent.read(kpi, now=now)
        (found,) = await self.context.analyst.call(SEARCH, Question([recent.values], season=recent.season))
        return {recent.starts[each.row] for each in found}


def _target(target: Target) -> ChartTarget:
    return ChartTarget(target.name, target.value, target.limits, target.starts_on, target.due_on)
