"""How measurements become a series: grains, time zones, and totals that may be added in any order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

CELL = timedelta(minutes=15)


class Grain(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Aggregation(StrEnum):
    SUM = "sum"
    COUNT = "count"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    RATIO = "ratio"
    DISTINCT = "distinct"
    PERCENTILE = "percentile"
    CALCULATED = "calculated"


# What cells cannot tell: it takes sketches, or the measurements themselves.
SKETCHED = (Aggregation.DISTINCT, Aggregation.PERCENTILE)


class EmptyBucket(StrEnum):
    """What a bucket without measurements says."""

    NULL = "null"
    ZERO = "zero"
    CARRY = "carry"


@dataclass(frozen=True)
class Last:
    """The latest measurement of a bucket; of two at the same instant the one that was received later counts."""

    at: datetime
    sequence: int
    value: Decimal


@dataclass(frozen=True)
class Cell:
    """What a set of measurements adds up to.

    Cells form a commutative monoid under `plus`: neither batches nor their order change a total, and sums are decimal,
    so they are exact. `weight` is the sum of the denominators of a ratio.
    """

    count: int = 0
    total: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)
    least: Decimal | None = None
    greatest: Decimal | None = None
    last: Last | None = None

    @classmethod
    def of(cls, value: Decimal, *, at: datetime, sequence: int, weight: Decimal = Decimal(1)) -> "Cell":
        return cls(1, value, weight, value, value, Last(at, sequence, value))

    def plus(self, other: "Cell") -> "Cell":
        if not self.count or not other.count:
            return other if other.count else self
        return Cell(
            count=self.count + other.count,
            total=self.total + other.total,
            weight=self.weight + other.weight,
            least=min(each.least for each in (self, other) if each.least is not None),
            greatest=max(each.greatest for each in (self, other) if each.greatest is not None),
            last=max(
                (each.last for each in (self, other) if each.last),
                key=lambda last: (last.at, last.sequence),
                default=None,  # rows are sorted for it only where it is asked for
            ),
        )

    def value(self, aggregation: Aggregation) -> Decimal | None:
        """The cell's figure, or None where there is nothing to tell: no measurement, or a ratio over zero."""
        if not self.count:
            return None
        return {
            Aggregation.SUM: self.total,
            Aggregation.COUNT: Decimal(self.count),
            Aggregation.AVERAGE: self.total / self.count,
            Aggregation.RATIO: self.total / self.weight if self.weight else None,
            Aggregation.MIN: self.least,
            Aggregation.MAX: self.greatest,
            Aggregation.LAST: self.last.value if self.last else None,
        }.get(aggregation)


def combine(cells: Iterable[Cell]) -> Cell:
    """Everything together."""
    whole = Cell()
    for cell in cells:
        whole = whole.plus(cell)
    return whole


def cell_start(moment: datetime) -> datetime:
    """The quarter of an hour, in UTC, that a moment falls into.

    Every offset in use today is a multiple of 15 minutes (IANA time zone database), so each local hour and day is made
    of whole cells.
    """
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute - utc.minute % 15, second=0, microsecond=0)


def bucket_start(moment: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """The beginning of the bucket of `grain` that holds `moment` in `zone`; weeks begin on Monday (ISO 8601)."""
    local = moment.astimezone(zone)
    if grain is Grain.HOUR:
        return cell_start(moment - timedelta(minutes=local.minute))
    return _midnight(_first_day(local.date(), grain), zone)


def buckets(start: datetime, end: datetime, grain: Grain, zone: ZoneInfo) -> Iterator[datetime]:
    """The beginnings of all buckets that touch [start, end): a local day may have 23, 24 or 25 hours."""
    bucket = bucket_start(start, grain, zone)
    while bucket < end:
        yield bucket
        bucket = next_bucket(bucket, grain, zone)


def next_bucket(bucket: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """The beginning of the bucket after the one that begins at `bucket`."""
    if grain is Grain.HOUR:
        return bucket + timedelta(hours=1)
    first = bucket.astimezone(zone).date()
    days = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31, Grain.QUARTER: 92, Grain.YEAR: 366}[grain]
    return _midnight(_first_day(first + timedelta(days=days), grain), zone)


def fill(
    figures: Iterable[Decimal | None], policy: EmptyBucket, *, carried: Decimal | None = None
) -> list[Decimal | None]:
    """The figures with their gaps told as the KPI's policy says; `carried` is the last figure before the first."""
    filled: list[Decimal | None] = []
    for figure in figures:
        if figure is not None:
            carried = figure
            filled.append(figure)
        else:
            filled.append({EmptyBucket.NULL: None, EmptyBucket.ZERO: Decimal(0), EmptyBucket.CARRY: carried}[policy])
    return filled


def _first_day(day: date, grain: Grain) -> date:
    match grain:
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
        case _:
            return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; where the clock jumps over midnight, the first that exists."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
