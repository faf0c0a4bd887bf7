"""Reads a KPI period by period."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.metrics.domain.rollups import Aggregation, Grain
from services.metrics.domain.sketches import DISTINCT_BOUND, PERCENTILE_BOUND
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.figures import FigureReader, Figures, Precision
from services.metrics.measurements.parts import WHOLE, Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.schemas import ComparedPoint, SeriesPoint
from services.metrics.models import Kpi

METHODS = {"distinct": "hyperloglog", "percentile": "ddsketch"}


class SeriesReader:
    """Turns what was added up into figures, the way a KPI is defined."""

    def __init__(
        self, measurements: MeasurementRepository, *, part: Part = WHOLE, kpis: KpiRepository | None = None
    ) -> None:
        self.figures = FigureReader(measurements, part=part, kpis=kpis)

    async def points(
        self, kpi: Kpi, *, grain: Grain, zone: ZoneInfo, since: datetime, until: datetime
    ) -> list[SeriesPoint]:
        """Every period that touches [since, until), gaps told by the KPI's policy. Raises Invalid for too many."""
        return await self.in_periods(kpi, Periods.between(since, until, grain=grain, zone=zone))

    async def in_periods(self, kpi: Kpi, periods: Periods) -> list[SeriesPoint]:
        """A point for each of the periods."""
        return points_of(periods, await self.figures.read(kpi, periods)) if periods.starts else []


def points_of(periods: Periods, figures: Figures) -> list[SeriesPoint]:
    """Figures with the periods that they belong to."""
    rows = zip(periods.starts, periods.ends, figures.values, figures.counts, strict=True)
    return [
        SeriesPoint(starts_at=start, ends_at=end, value=None if figure is None else float(figure), measurements=count)
        for start, end, figure, count in rows
    ]


def told_precision(kpi: Kpi, precision: Precision) -> dict[str, Any]:
    """What an answer says of how exact its figures are."""
    if not precision.sketches:
        return {}
    is_own = kpi.kind in ("simple", "cumulative")
    (sketched, *_) = precision.sketches
    bounds = {Aggregation.DISTINCT: DISTINCT_BOUND, Aggregation.PERCENTILE: PERCENTILE_BOUND}
    return {
        "is_exact": False,
        "method": METHODS[sketched] if is_own else None,
        "error_bound": bounds[Aggregation(sketched)] if is_own else None,
        "stale_days": precision.stale_days,
    }


def compared(now: SeriesPoint, then: SeriesPoint) -> ComparedPoint:
    """What has changed from one period to another."""
    change = None if now.value is None or then.value is None else now.value - then.value
    share = None if change is None or not then.value else change / abs(then.value)
    return ComparedPoint(
        starts_at=then.starts_at, ends_at=then.ends_at, value=then.value, change=change, change_ratio=share
    )
