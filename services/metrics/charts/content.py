"""What a chart shows, apart from how."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.metrics.domain.axes import plain_number
from services.metrics.domain.rollups import Grain
from services.metrics.domain.standing import Limits


@dataclass(frozen=True)
class ChartPoint:
    """One period; `is_odd` when its past did not let expect it."""

    starts_at: datetime
    ends_at: datetime
    value: float | None
    measurements: int
    is_odd: bool = False


@dataclass(frozen=True)
class ChartTarget:
    """What the KPI should come to, on the days that it is worked towards."""

    name: str
    value: float
    limits: Limits | None
    starts_on: date
    due_on: date

    @property
    def goal(self) -> str:
        """The figure as a reader sees it, with what is good enough around it."""
        value = plain_number(self.value)
        if self.limits is None:
            return value
        return f"{value} ({plain_number(self.limits.low)} to {plain_number(self.limits.high)})"


@dataclass(frozen=True)
class ChartLaunch:
    """A feature that was shipped to move this KPI, and what has been found of it."""

    feature_id: UUID
    shipped_at: datetime
    verdict: str | None


@dataclass(frozen=True)
class ChartContent:
    """A KPI over time with all that explains it."""

    kpi_id: UUID
    name: str
    unit: str
    grain: Grain
    zone: ZoneInfo
    points: tuple[ChartPoint, ...]
    band: Limits | None
    targets: tuple[ChartTarget, ...]
    launches: tuple[ChartLaunch, ...]

    def label_of(self, moment: datetime) -> str:
        """A period's beginning as a reader names it."""
        local = moment.astimezone(self.zone)
        match self.grain:
            case Grain.HOUR:
                return f"{local.day} {local:%b %H:%M}"
            case Grain.DAY | Grain.WEEK:
                return f"{local.day} {local:%b}"
            case Grain.MONTH:
                return f"{local:%b %Y}"
            case Grain.QUARTER:
                return f"Q{(local.month + 2) // 3} {local:%Y}"
            case _:
                return f"{local:%Y}"
