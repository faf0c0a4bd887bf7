"""Reads a KPI period by period."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.chassis.errors import FieldError, Invalid
from services.metrics.domain.rollups import Aggregation, EmptyBucket, Grain, buckets, fill, next_bucket
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.schemas import SeriesPoint
from services.metrics.models import Kpi

MAX_POINTS = 5_000

SHORTEST = {
    Grain.HOUR: timedelta(hours=1),
    Grain.DAY: timedelta(days=1),
    Grain.WEEK: timedelta(days=7),
    Grain.MONTH: timedelta(days=28),
    Grain.QUARTER: timedelta(days=90),
    Grain.YEAR: timedelta(days=365),
}


class SeriesReader:
    """Turns what was added up into figures, the way a KPI is defined."""

    def __init__(self, measurements: MeasurementRepository) -> None:
        self.measurements = measurements

    async def points(
        self, kpi: Kpi, *, grain: Grain, zone: ZoneInfo, since: datetime, until: datetime
    ) -> list[SeriesPoint]:
        """Every period that touches [since, until), gaps told by the KPI's policy. Raises Invalid beyond MAX_POINTS."""
        if (until - since) / SHORTEST[grain] > MAX_POINTS:
            raise Invalid(errors=[FieldError("query/from", f"At most {MAX_POINTS} periods.", "too_long")])
        starts = list(buckets(since, until, grain, zone))
        if not starts:
            return []
        ends = [*starts[1:], next_bucket(starts[-1], grain, zone)]
        cells = await self.measurements.cells(kpi.id, grain=grain, zone=zone, since=starts[0], until=ends[-1])
        aggregation, policy = Aggregation(kpi.aggregation), EmptyBucket(kpi.empty)
        figures = [cells[start].value(aggregation) if start in cells else None for start in starts]
        filled = fill(figures, policy, carried=await self._carried(kpi, aggregation, policy, before=starts[0]))
        return [
            SeriesPoint(
                starts_at=start,
                ends_at=end,
                value=None if figure is None else float(figure),
                measurements=cells[start].count if start in cells else 0,
            )
            for start, end, figure in zip(starts, ends, filled, strict=True)
        ]

    async def _carried(
        self, kpi: Kpi, aggregation: Aggregation, policy: EmptyBucket, *, before: datetime
    ) -> Decimal | None:
        if policy is not EmptyBucket.CARRY:
            return None
        return (await self.measurements.last_before(kpi.id, before)).value(aggregation)
