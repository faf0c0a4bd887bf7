"""Days on a line of pixels, with the marks that a reader needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.roadmap.domain.periods import Period, Precision, blurred

ROOM_FOR_A_MARK = 60.0


@dataclass(frozen=True, slots=True)
class Scale:
    """From `first` to `last`, both included, between two places."""

    first: date
    last: date
    left: float
    right: float

    def at(self, day: date) -> float:
        """Where the day begins; what lies outside is at the edge."""
        days = (self.last - self.first).days + 1
        return self.left + (self.right - self.left) * min(max((day - self.first).days, 0), days) / days

    def after(self, day: date) -> float:
        """Where the day ends."""
        days = (self.last - self.first).days + 1
        return self.left + (self.right - self.left) * min(max((day - self.first).days + 1, 0), days) / days

    def marks(self) -> Iterator[tuple[float, float, str]]:
        """Months, quarters or years, whichever have room for their names: from, to, name."""
        years = (self.last - self.first).days / 365.25
        fitting = (self.right - self.left) / ROOM_FOR_A_MARK
        if years * 4 > fitting:
            every = max(1, round(years / fitting + 0.5))
            for year in range(self.first.year, self.last.year + 1):
                if (year - self.first.year) % every == 0:
                    end = date(min(year + every - 1, date.max.year), 12, 31)
                    yield self.at(date(year, 1, 1)), self.after(end), str(year)
            return
        unit: Precision = "month" if years * 12 <= fitting else "quarter"
        for period in periods(self.first, self.last, unit):
            label = period.label if unit == "quarter" else f"{period.first:%b} {period.first.year}"
            yield self.at(period.first), self.after(period.last), label


def periods(first: date, last: date, unit: Precision) -> Iterator[Period]:
    """Every period of this length that has days between the two."""
    day = first
    while day <= last:
        period = blurred(day, unit)
        if period is None:
            return
        yield period
        if period.last == date.max:
            return
        day = period.last + timedelta(days=1)
