"""When a KPI's figures call for somebody: the conditions of alert rules, and whether they hold."""

from dataclasses import dataclass
from datetime import time
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Fixed:
    """Every one of the last periods lies beyond a figure: above it, or below."""

    value: float
    is_above: bool

    def holds(self, values: Vector, row: int) -> bool:
        return bool(values[row] > self.value if self.is_above else values[row] < self.value)


@dataclass(frozen=True)
class Change:
    """Every one of the last periods lies off the one `lag` periods before it, by more than `percent` of that."""

    percent: float
    lag: int
    is_rise: bool
    is_fall: bool

    def holds(self, values: Vector, row: int) -> bool:
        before = values[row - self.lag] if row >= self.lag else np.nan
        if not isfinite(before) or before == 0:
            return False
        change = 100 * (values[row] - before) / abs(before)
        return bool((self.is_rise and change > self.percent) or (self.is_fall and change < -self.percent))


@dataclass(frozen=True)
class Outside:
    """Every one of the last periods lies outside of the band, whose ends belong to it."""

    low: float
    high: float

    def holds(self, values: Vector, row: int) -> bool:
        return not self.low <= values[row] <= self.high


@dataclass(frozen=True)
class Odd:
    """Every one of the last periods is out of the ordinary; `rows` are those that are."""

    rows: frozenset[int]

    def holds(self, values: Vector, row: int) -> bool:
        del values
        return row in self.rows


Condition = Fixed | Change | Outside | Odd


def breach(values: Vector, condition: Condition, *, periods: int) -> int | None:
    """The row at which the last run of breaches reached its length, if the run lasts until now; NaN are gaps.

    A run is `periods` figures in a row, gaps passed over, up to the latest figure. One run is one alert however long
    it lasts: the row is where it became one, and stays the same while it goes on.
    """
    known = np.flatnonzero(np.isfinite(values))
    run = 0
    for row in known[::-1]:
        if not condition.holds(values, int(row)):
            break
        run += 1
    return int(known[len(known) - run + periods - 1]) if run >= periods else None


def is_quiet(now: time, *, begins: time | None, ends: time | None) -> bool:
    """Whether a time of day lies in the quiet hours, which may reach over midnight; their end is not quiet."""
    if begins is None or ends is None or begins == ends:
        return False
    if begins < ends:
        return begins <= now < ends
    return now >= begins or now < ends
