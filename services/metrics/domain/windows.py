"""Over which periods a launch is judged, and what was promised for them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.metrics.domain.rollups import Grain, bucket_start

PATIENCE = timedelta(days=30)


@dataclass(frozen=True)
class Cadence:
    """How many periods a judgement takes: at least and at most, usually, and how many of the time before it needs."""

    period: timedelta
    least: int
    usual: int
    most: int
    before: int
    seasons: tuple[int, ...] = ()


CADENCES = {
    Grain.DAY: Cadence(timedelta(days=1), least=14, usual=28, most=90, before=91, seasons=(7,)),
    Grain.WEEK: Cadence(timedelta(days=7), least=8, usual=12, most=26, before=104),
    Grain.MONTH: Cadence(timedelta(days=31), least=8, usual=8, most=12, before=60),
}


def window_end(shipped_at: datetime, *, due_on: date | None, grain: Grain, zone: ZoneInfo) -> datetime:
    """When the last word is said: at the end of the due day, within what the cadence allows.

    The end is agreed at the launch and not moved by what is seen later, so that looking early cannot decide when to
    stop.
    """
    cadence = CADENCES[grain]
    if due_on is None:
        return shipped_at + cadence.usual * cadence.period
    due = datetime.combine(due_on + timedelta(days=1), time(), tzinfo=zone)
    return min(max(due, shipped_at + cadence.least * cadence.period), shipped_at + cadence.most * cadence.period)


@dataclass(frozen=True)
class Span:
    """The periods to read: from the first before the launch to the end of the last whole one."""

    since: datetime
    launched: datetime
    until: datetime


def observed_span(
    shipped_at: datetime, *, ends_at: datetime, now: datetime, first_seen: datetime, grain: Grain, zone: ZoneInfo
) -> Span:
    """Whole periods only: the one that runs is left out, and the one of the launch belongs to neither side."""
    cadence = CADENCES[grain]
    launched = bucket_start(shipped_at, grain, zone)
    enough = max(cadence.before * cadence.period, 2 * (ends_at - shipped_at))
    return Span(
        since=bucket_start(max(first_seen, launched - enough), grain, zone),
        launched=launched,
        until=bucket_start(min(now, ends_at), grain, zone),
    )


@dataclass(frozen=True)
class Prediction:
    """By how much the KPI's mean per period should change, signed, in its unit."""

    low: float
    likely: float
    high: float

    @classmethod
    def of(cls, *, low: float, likely: float, high: float, is_decrease: bool) -> "Prediction":
        """From a size and a direction."""
        return cls(-high, -likely, -low) if is_decrease else cls(low, likely, high)

    @property
    def negligible(self) -> float | None:
        """Half of what was hoped for: less would not have been worth the work."""
        return abs(self.likely) / 2 or None

    def compare(self, effect: float) -> str:
        """Where the effect lies: `below`, `within` or `above` the predicted range."""
        if effect < self.low:
            return "below"
        return "above" if effect > self.high else "within"
