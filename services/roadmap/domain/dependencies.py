"""What must wait for what: links between features, with lags, over features that may have begun or shipped already."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Literal

DependencyLink = Literal["finish_start", "start_start"]
"""`finish_start`: begin once the other is finished. `start_start`: begin once the other has begun."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A feature waits for another one, and then so many calendar days more."""

    needs: str
    link: DependencyLink = "finish_start"
    lag_days: int = 0

    @property
    def lag_weeks(self) -> int:
        """In the whole weeks that schedules are made of; rounded up, so that no plan is too early."""
        return ceil(self.lag_days / 7)

    def earliest_after(self, *, started_on: date | None, shipped_on: date) -> date:
        """The first day on which the waiting feature may begin, the other one having shipped."""
        if self.link == "start_start":
            return (started_on or shipped_on) + timedelta(days=self.lag_days)
        return shipped_on + timedelta(days=self.lag_days + 1)
