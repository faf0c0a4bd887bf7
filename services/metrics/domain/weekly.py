"""When something that comes once a week is due, where somebody lives."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = (
    *("monday", "tuesday", "wednesday", "thursday"),
    *("friday", "saturday", "sunday"),
)


@dataclass(frozen=True)
class Weekly:
    """An hour of a weekday in a time zone; where the clock jumps over it, as much later as the jump is long."""

    weekday: Weekday
    hour: int
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        """The first time that it is due later than a moment, in UTC."""
        local = moment.astimezone(self.zone)
        ahead = (WEEKDAYS.index(self.weekday) - local.weekday()) % 7
        due = self._on(local, ahead)
        return due if due > moment else self._on(local, ahead + 7)

    def latest(self, moment: datetime) -> datetime:
        """The last time that it was due, not later than a moment, in UTC."""
        local = moment.astimezone(self.zone)
        back = (local.weekday() - WEEKDAYS.index(self.weekday)) % 7
        due = self._on(local, -back)
        return due if due <= moment else self._on(local, -back - 7)

    def _on(self, local: datetime, days: int) -> datetime:
        day = local.date() + timedelta(days=days)
        return datetime(day.year, day.month, day.day, self.hour, tzinfo=self.zone).astimezone(UTC)
