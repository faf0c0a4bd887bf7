"""The periods of a series: whole, one after the other, bounded in number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from services.chassis.errors import FieldError, Invalid
from services.metrics.domain.rollups import Grain, bucket_start, buckets, next_bucket

MAX_POINTS = 5_000

SHORTEST = {
    Grain.HOUR: timedelta(hours=1),
    Grain.DAY: timedelta(days=1),
    Grain.WEEK: timedelta(days=7),
    Grain.MONTH: timedelta(days=28),
    Grain.QUARTER: timedelta(days=90),
    Grain.YEAR: timedelta(days=365),
}


@dataclass(frozen=True)
class Periods:
    """Where each period begins and ends."""

    starts: list[datetime]
    ends: list[datetime]
    grain: Grain
    zone: ZoneInfo

    @classmethod
    def between(cls, since: datetime, until: datetime, *, grain: Grain, zone: ZoneInfo) -> Self:
        """Every period that touches [since, until). Raises Invalid beyond MAX_POINTS."""
        if (until - since) / SHORTEST[grain] > MAX_POINTS:
            raise Invalid(errors=[FieldError("query/from", f"At most {MAX_POINTS} periods.", "too_long")])
        starts = list(buckets(since, until, grain, zone))
        ends = [*starts[1:], next_bucket(starts[-1], grain, zone)] if starts else []
        return cls(starts, ends, grain, zone)

    @classmethod
    def last(cls, count: int, *, before: datetime, grain: Grain, zone: ZoneInfo) -> Self:
        """So many whole periods, the last of which is over at that moment."""
        starts = [bucket_start(before, grain, zone)]
        for _ in range(count):
            starts.append(bucket_start(starts[-1] - timedelta(seconds=1), grain, zone))
        starts.reverse()
        return cls(starts[:-1], starts[1:], grain, zone)

    def previous(self) -> Self:
        """As many periods, right before these."""
        return self.last(len(self.starts), before=self.starts[0], grain=self.grain, zone=self.zone)

    def year_before(self) -> Self:
        """As many periods, beginning 52 weeks earlier where periods are short, so that weekdays meet; else a year."""
        years = self.grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        back = timedelta(days=365) if years else timedelta(weeks=52)
        first = bucket_start(
            self.starts[0] - back + (timedelta(days=2) if years else timedelta(hours=2)), self.grain, self.zone
        )
        starts = [first]
        while len(starts) <= len(self.starts):
            starts.append(next_bucket(starts[-1], self.grain, self.zone))
        return type(self)(starts[:-1], starts[1:], self.grain, self.zone)
