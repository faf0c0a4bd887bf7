"""Takes the change of a KPI apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.errors import FieldError, Invalid
from services.chassis.unit_of_work import Work
from services.metrics.domain.drivers import Amount, Breakdown, Driver, means, sums
from services.metrics.domain.rollups import Aggregation, Grain, bucket_start
from services.metrics.drivers.repository import AddedUp, DriverRepository
from services.metrics.drivers.schemas import KpiDriverRead, KpiDriversRead
from services.metrics.kpis.calculations import Ratio, Simple, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.periods import Periods
from services.metrics.models import Kpi

USUAL_DAYS = 28
MOST_DAYS = 800

ToAmount = Callable[[AddedUp], Amount]
Part = tuple[Amount, Amount]

OF_SUM: Mapping[str, ToAmount] = {
    Aggregation.SUM: lambda cell: Amount(cell.total),
    Aggregation.COUNT: lambda cell: Amount(Decimal(cell.count)),
}
OF_MEAN: Mapping[str, ToAmount] = {
    Aggregation.AVERAGE: lambda cell: Amount(cell.total, Decimal(cell.count)),
    Aggregation.RATIO: lambda cell: Amount(cell.total, cell.weight),
}


class NotDivisible(Invalid):
    code, title = "kpi_not_divisible", "The KPI's figures are not made of its parts' figures"


@dataclass(frozen=True)
class Comparison:
    """Two windows of whole days, one after the other, and the dimension that they are taken apart by."""

    before: Periods
    now: Periods
    dimension: str | None

    @property
    def moments(self) -> tuple[datetime, datetime, datetime]:
        return self.before.starts[0], self.now.starts[0], self.now.ends[-1]


class DriverService:
    """The drivers of one workspace's KPIs."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)
        self.amounts = DriverRepository(work.session)

    async def read(
        self, kpi_id: UUID, *, dimension: str | None, since: datetime | None, until: datetime | None
    ) -> KpiDriversRead:
        """Raises NotFound, Invalid, NotDivisible."""
        kpi = await self.kpis.get(kpi_id)
        now = _window(since, until, now=self.work.clock.now(), zone=ZoneInfo(kpi.time_zone))
        asked = Comparison(now.previous(), now, dimension or await self._first_dimension(kpi))
        found = await self._breakdown(kpi, asked)
        return KpiDriversRead(
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            dimension=asked.dimension,
            unit=kpi.unit,
            starts_at=asked.moments[1],
            ends_at=asked.moments[2],
            compared_from=asked.moments[0],
            before=None if found is None else float(found.before),
            after=None if found is None else float(found.after),
            change=None if found is None else float(found.change),
            drivers=[] if found is None else [_read(each) for each in found.drivers],
        )

    async def _first_dimension(self, kpi: Kpi) -> str | None:
        """Of a ratio the first that both of its KPIs declare."""
        match read_calculation(kpi.calculation):
            case Ratio() as ratio:
                both = await self.kpis.by_ids([ratio.numerator_kpi_id, ratio.denominator_kpi_id])
                above, below = both[ratio.numerator_kpi_id], both[ratio.denominator_kpi_id]
                return next((each for each in above.dimensions if each in below.dimensions), None)
            case _:
                return next(iter(kpi.dimensions), None)

    async def _breakdown(self, kpi: Kpi, asked: Comparison) -> Breakdown | None:
        match read_calculation(kpi.calculation):
            case Ratio() as ratio:
                return means(*await self._quotients(ratio, asked))
            case Simple() if kpi.aggregation in OF_MEAN:
                return means(*await self._amounts(kpi, OF_MEAN[kpi.aggregation], asked))
            case Simple() if kpi.aggregation in OF_SUM:
                return sums(*await self._amounts(kpi, OF_SUM[kpi.aggregation], asked))
        raise NotDivisible("Sums, counts, averages and ratios can be taken apart.")

    async def _amounts(
        self, kpi: Kpi, to_amount: ToAmount, asked: Comparison
    ) -> tuple[dict[str, Amount], dict[str, Amount], Part]:
        zone = ZoneInfo(kpi.time_zone)
        first, second, third = (each.astimezone(zone).date() for each in asked.moments)
        parts: Mapping[str, tuple[AddedUp, AddedUp]] = {}
        if asked.dimension is not None:
            if asked.dimension not in kpi.dimensions:
                detail = f"{kpi.name} does not declare it in its `dimensions`."
                raise Invalid(errors=[FieldError("query/dimension", detail, "undeclared")])
            parts = await self.amounts.by_value(kpi.id, dimension=asked.dimension, days=(first, second, third))
        then, now = await self.amounts.whole(kpi.id, moments=asked.moments)
        return (
            {value: to_amount(windows[0]) for value, windows in parts.items()},
            {value: to_amount(windows[1]) for value, windows in parts.items()},
            (to_amount(then), to_amount(now)),
        )

    async def _quotients(self, ratio: Ratio, asked: Comparison) -> tuple[dict[str, Amount], dict[str, Amount], Part]:
        """Of a KPI divided by another: what is divided is the total, what it is divided by the weight."""
        both = [await self.kpis.get(each) for each in (ratio.numerator_kpi_id, ratio.denominator_kpi_id)]
        if any(each.kind != "simple" or each.aggregation not in OF_SUM for each in both):
            raise NotDivisible("A ratio of two sums or counts can be taken apart.")
        above, below = [await self._amounts(each, OF_SUM[each.aggregation], asked) for each in both]
        factor = Decimal(repr(ratio.factor))

        def quotient(over: Amount | None, under: Amount | None) -> Amount:
            return Amount(factor * (over or Amount()).total, (under or Amount()).total)

        values = {*above[0], *below[0]}
        return (
            {value: quotient(above[0].get(value), below[0].get(value)) for value in values},
            {value: quotient(above[1].get(value), below[1].get(value)) for value in values},
            (quotient(above[2][0], below[2][0]), quotient(above[2][1], below[2][1])),
        )


def _window(since: datetime | None, until: datetime | None, *, now: datetime, zone: ZoneInfo) -> Periods:
    """Whole days; unless asked for, the one that runs is left out. Raises Invalid for none, or too many."""
    end = until or bucket_start(now, Grain.DAY, zone)
    begin = since or end - timedelta(days=USUAL_DAYS)
    if not timedelta(0) < end - begin <= timedelta(days=MOST_DAYS):
        detail = f"`to` lies after `from`, by at most {MOST_DAYS} days."
        raise Invalid(errors=[FieldError("query/to", detail, "window")])
    return Periods.between(begin, end, grain=Grain.DAY, zone=zone)


def _read(driver: Driver) -> KpiDriverRead:
    return KpiDriverRead(
        value=driver.value,
        before=_number(driver.before),
        after=_number(driver.after),
        contribution=float(driver.contribution),
        mix=_number(driver.mix),
        rate=_number(driver.rate),
    )


def _number(value: Decimal | Fraction | None) -> float | None:
    return None if value is None else float(value)
