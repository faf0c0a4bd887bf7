"""Where a KPI stands: what its last figure says beside an earlier one, its band and its target."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.metrics.domain.impact import Direction

BandPosition = Literal["below", "within", "above"]
Progress = Literal["reached", "on_pace", "behind", "unknown"]


@dataclass(frozen=True)
class Limits:
    """The range that a figure should stay in, ends included."""

    low: float
    high: float

    def position(self, value: float) -> BandPosition:
        if value < self.low:
            return "below"
        return "above" if value > self.high else "within"

    def distance(self, value: float) -> float:
        """How far outside a figure lies; 0 within."""
        return max(self.low - value, value - self.high, 0.0)


def is_good_move(before: float, after: float, *, direction: Direction, limits: Limits | None) -> bool | None:
    """Whether a figure moved the way that is wanted; None where it did neither good nor harm."""
    if direction is Direction.BAND:
        nearer = limits.distance(before) - limits.distance(after) if limits else 0.0
    else:
        nearer = after - before if direction is Direction.UP else before - after
    return None if nearer == 0 else nearer > 0


def progress_of(
    current: float | None, *, baseline: float | None, goal: float, limits: Limits | None = None
) -> float | None:
    """`share_of_way`, as far as it is known where one stands and where one came from."""
    if current is None or baseline is None:
        return None
    return share_of_way(current, baseline=baseline, goal=goal, limits=limits)


def share_of_way(current: float, *, baseline: float, goal: float, limits: Limits | None = None) -> float:
    """0 at the baseline, 1 at the goal or, with limits, anywhere within; what begins there is reached at once."""
    if limits is None:
        return (current - baseline) / (goal - baseline) if goal != baseline else 1.0
    left, way = limits.distance(current), limits.distance(baseline)
    if left == 0:
        return 1.0
    return 1 - left / way if way else 0.0


def pace_of(begin: datetime, end: datetime, now: datetime) -> float:
    """The share of the time that has gone: where a straight line would be."""
    return min(1.0, max(0.0, (now - begin) / (end - begin)))


def told_progress(progress: float | None, pace: float) -> Progress:
    if progress is None:
        return "unknown"
    if progress >= 1:
        return "reached"
    return "on_pace" if progress >= pace else "behind"
