"""How exactly a day is told: as itself, as its month, as its quarter, or not at all."""

from calendar import month_abbr, month_name
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Precision = Literal["day", "month", "quarter", "later"]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days among which the true one lies, and what they are called."""

    first: date
    last: date
    label: str


def blurred(day: date | None, precision: Precision) -> Period | None:
    """The period that is told instead of the day: the same for every day in it, so the day cannot be had back."""
    if day is None or precision == "later":
        return None
    if precision == "day":
        return Period(day, day, f"{day.day} {month_abbr[day.month]} {day.year}")
    months = 1 if precision == "month" else 3
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    label = f"{month_name[first.month]} {first.year}" if months == 1 else f"Q{(first.month + 2) // 3} {first.year}"
    return Period(first, _last_of(first, months), label)


def _last_of(first: date, months: int) -> date:
    if first.month + months > 12:
        # The last year that dates know has no day after its end.
        return date(first.year, 12, 31)
    return date(first.year, first.month + months, 1) - timedelta(days=1)
