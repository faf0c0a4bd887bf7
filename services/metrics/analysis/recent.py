"""The recent past of a KPI as analyses take it: whole periods of its cadence, gaps as NaN."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain.counterfactual import Vector
from services.metrics.domain.rollups import Grain, bucket_start, next_bucket
from services.metrics.domain.windows import CADENCES
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.series import SeriesReader
from services.metrics.models import Kpi


@dataclass(frozen=True)
class Reach:
    """How many periods analyses look back at most, and after how many of them a series repeats itself."""

    period: timedelta
    most: int = 730
    season: int = 1


REACHES = {Grain.HOUR: Reach(timedelta(hours=1), most=26 * 7 * 24, season=7 * 24)} | {
    grain: Reach(each.period, season=max(each.seasons, default=1)) for grain, each in CADENCES.items()
}


@dataclass(frozen=True)
class Recent:
    """Whole periods up to now: their beginnings, their figures, and where the next one begins."""

    starts: list[datetime]
    values: Vector
    following: datetime
    grain: Grain
    zone: ZoneInfo

    @property
    def season(self) -> int:
        return REACHES[self.grain].season

    def ahead(self, count: int) -> list[datetime]:
        """The beginnings of the next periods."""
        starts = [self.following]
        while len(starts) < count:
            starts.append(next_bucket(starts[-1], self.grain, self.zone))
        return starts[:count]


class RecentReader:
    """Reads the recent past within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.measurements = MeasurementRepository(session)
        self.series = SeriesReader(self.measurements)

    async def read(self, kpi: Kpi, *, now: datetime, grain: Grain | None = None) -> Recent:
        """From the first measurement, in periods of the KPI's cadence or of `grain`; the one that runs is left out."""
        grain, zone = grain or Grain(kpi.cadence), ZoneInfo(kpi.time_zone)
        until = bucket_start(now, grain, zone)
        first_seen, _ = await self.measurements.span(kpi.id)
        if first_seen is None:
            return Recent([], np.empty(0), until, grain, zone)
        reach = REACHES[grain]
        begin = max(first_seen, until - reach.most * reach.period)
        points = await self.series.points(kpi, grain=grain, zone=zone, since=begin, until=until)
        values = np.array([np.nan if each.value is None else each.value for each in points])
        return Recent([each.starts_at for each in points], values, until, grain, zone)
