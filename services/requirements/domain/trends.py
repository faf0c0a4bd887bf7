"""How often something is said, week by week, and whether it is said more."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

COMPARED_WEEKS = 4
Z95 = 1.96
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Growth:
    """The ratio of two counts with its 95 % interval."""

    recent: int
    before: int
    ratio: float
    low: float
    high: float


def growth(weekly: Sequence[int], *, compared: int = COMPARED_WEEKS) -> Growth:
    """The last `compared` weeks against as many before, for counts that come by chance (Poisson).

    log ratio = ln((a + 1/2) / (b + 1/2)), its variance 1/(a + 1/2) + 1/(b + 1/2): finite for no count at all.

    Source: Agresti, Categorical Data Analysis, 3rd ed. 2013, on adding 1/2 to log ratios (after Haldane and Anscombe).
    """
    recent, before = sum(weekly[-compared:]), sum(weekly[-2 * compared : -compared])
    ratio = (recent + 0.5) / (before + 0.5)
    spread = Z95 * math.sqrt(1 / (recent + 0.5) + 1 / (before + 0.5))
    return Growth(recent, before, ratio, ratio * math.exp(-spread), ratio * math.exp(spread))


def monday(day: date) -> date:
    """The first day of its week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def whole_weeks(today: date, *, count: int) -> list[date]:
    """The Mondays of the last `count` weeks that are over, the oldest first."""
    this_week = monday(today)
    return [this_week - WEEK * back for back in range(count, 0, -1)]


def filled(weeks: Sequence[date], counts: Mapping[date, int]) -> list[int]:
    """A count for each week, also where nothing was said."""
    return [counts.get(week, 0) for week in weeks]
