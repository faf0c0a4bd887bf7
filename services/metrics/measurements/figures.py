"""A KPI's figures period by period, however they come about: measured, or worked out from other KPIs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.errors import FieldError, Invalid
from services.metrics.domain.accumulation import Amount, moving_totals, running_totals
from services.metrics.domain.formulas import parse
from services.metrics.domain.rollups import SKETCHED, Aggregation, Cell, EmptyBucket, Grain, bucket_start, fill
from services.metrics.kpis.calculations import Cumulative, Derived, Funnel, Ratio, Retention, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.journeys import JourneyReader
from services.metrics.measurements.parts import WHOLE, Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.raw import count_rows
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.sketches import SketchReader
from services.metrics.models import Kpi

Known = dict[UUID, "Figures"]
WorkOut = Callable[[Mapping[str, Decimal | None]], Decimal | None]


@dataclass(frozen=True)
class Figures:
    """A figure for each period, None where there is none, and on how many measurements each rests."""

    values: Sequence[Decimal | None]
    counts: Sequence[int]


@dataclass
class Precision:
    """How the figures of one answer came about."""

    sketches: set[str] = field(default_factory=set)
    stale_days: int = 0


class FigureReader:
    """Works figures out within one session; what several KPIs rest on is read once."""

    def __init__(
        self, measurements: MeasurementRepository, *, part: Part = WHOLE, kpis: KpiRepository | None = None
    ) -> None:
        self.measurements = measurements
        self.part = part
        self.precision = Precision()
        self.sketches = SketchReader(measurements.session)
        self.journeys = JourneyReader(measurements.session)
        self.kpis = kpis or KpiRepository(measurements.session)

    async def read(self, kpi: Kpi, periods: Periods) -> Figures:
        """The figures, with gaps told by the KPI's policy."""
        return await self._read(kpi, periods, {})

    async def _read(self, kpi: Kpi, periods: Periods, known: Known) -> Figures:
        if kpi.id not in known:
            raw = await self._raw(kpi, periods, known)
            policy = EmptyBucket(kpi.empty)
            carried = await self._carried(kpi, policy, periods)
            known[kpi.id] = Figures(fill(raw.values, policy, carried=carried), raw.counts)
        return known[kpi.id]

    async def _raw(self, kpi: Kpi, periods: Periods, known: Known) -> Figures:
        match read_calculation(kpi.calculation):
            case Ratio() as ratio:
                inputs = await self._inputs(ratio.inputs, periods, known)
                factor = Decimal(repr(ratio.factor))
                return _each(inputs, lambda at: _quotient(at["numerator"], at["denominator"], factor))
            case Derived() as derived:
                inputs = await self._inputs(derived.inputs, periods, known)
                return _each(inputs, parse(derived.formula).value)
            case Cumulative() as total:
                return await self._total(total, periods)
            case Funnel() | Retention() as journey:
                self._require_told(kpi)
                told = await self.journeys.read(journey, periods, self.part.said)
                factor = Decimal(repr(journey.factor))
                return Figures([each.share(factor) for each in told], [each.began for each in told])
            case _:
                return await self._simple(kpi, periods)

    def _require_told(self, kpi: Kpi) -> None:
        if self.part.as_of is not None:
            detail = "Funnels and retention are told as of now: who somebody turned out to be is not kept by time."
            raise Invalid(errors=[FieldError("query/as_of", detail, "not_kept")])
        if undeclared := self.part.said.keys() - set(kpi.dimensions):
            detail = f"{kpi.name} does not declare in its `dimensions`: {', '.join(sorted(undeclared))}."
            raise Invalid(errors=[FieldError("query/filter", detail, "undeclared")])

    async def _inputs(self, inputs: Mapping[str, UUID], periods: Periods, known: Known) -> dict[str, Figures]:
        kpis = await self.kpis.by_ids(inputs.values())
        return {name: await self._read(kpis[each], periods, known) for name, each in inputs.items()}

    async def _simple(self, kpi: Kpi, periods: Periods) -> Figures:
        """From what was added up, where it was; else from the rows."""
        is_sketched = kpi.aggregation in SKETCHED
        if self.part.is_whole and not is_sketched:
            return of_cells(kpi, periods, await self.measurements.cells(kpi, periods))
        if not is_added_up(kpi, periods, self.part):
            counted = await count_rows(self.measurements.session, kpi, periods, self.part)
            held = [counted.get(start) for start in periods.starts]
            return Figures(
                [None if each is None else each.figure for each in held],
                [0 if each is None else each.cell.count for each in held],
            )
        if is_sketched:
            return await self._sketched(kpi, periods)
        ((dimension, value),) = self.part.said.items()
        cells = await self.measurements.parts(kpi, periods, dimension=dimension, part=value)
        return of_cells(kpi, periods, cells)

    async def _sketched(self, kpi: Kpi, periods: Periods) -> Figures:
        sketched = await self.sketches.read(kpi, periods, self.part)
        self.precision.sketches.add(kpi.aggregation)
        self.precision.stale_days += sketched.stale_days
        return Figures(sketched.values, sketched.counts)

    async def _total(self, total: Cumulative, periods: Periods) -> Figures:
        """Added up from the days below, or the hours, so that a total may begin anew within a period."""
        kpi = await self.kpis.get(total.kpi_id)
        fine = periods_below(total, periods)
        is_endless = total.window_days is None and total.reset == "never"
        carried = await self._before(kpi, periods.starts[0]) if is_endless else None
        below = await self._simple(kpi, fine)
        amounts = [Amount(start, value) for start, value in zip(fine.starts, below.values, strict=True)]
        if total.window_days is not None:
            values = moving_totals(amounts, periods.ends, window=timedelta(days=total.window_days))
        else:
            reset = None if total.reset == "never" else Grain(total.reset)
            values = running_totals(
                amounts,
                periods.ends,
                carried=carried,
                stretch_of=lambda start: reset and bucket_start(start, reset, periods.zone),
            )
        return Figures(values, _counts_in(periods, fine, below.counts))

    async def _before(self, kpi: Kpi, moment: datetime) -> Decimal | None:
        """Everything before a moment; of a part it is not looked for in one piece but year by year."""
        if self.part.is_whole:
            return (await self.measurements.cell_before(kpi.id, moment)).value(Aggregation(kpi.aggregation))
        first, _ = await self.measurements.span(kpi.id)
        if first is None or first >= moment:
            return None
        zone = ZoneInfo(kpi.time_zone)
        until = bucket_start(moment, Grain.DAY, zone)
        days = await self._simple(kpi, Periods.between(first, until, grain=Grain.DAY, zone=zone))
        known = [value for value in days.values if value is not None]
        return sum(known, Decimal(0)) if known else None

    async def _carried(self, kpi: Kpi, policy: EmptyBucket, periods: Periods) -> Decimal | None:
        """The last figure before the first period; of a part, or of what is worked out, it is not looked for."""
        is_told = kpi.kind == "simple" and kpi.aggregation not in SKETCHED and self.part.is_whole
        if policy is not EmptyBucket.CARRY or not is_told:
            return None
        return (await self.measurements.last_before(kpi.id, periods.starts[0])).value(Aggregation(kpi.aggregation))


def is_added_up(kpi: Kpi, periods: Periods, part: Part) -> bool:
    """Parts and sketches are kept per day where the KPI lives, for one declared dimension at a time."""
    is_daily = periods.grain is not Grain.HOUR and periods.zone.key == kpi.time_zone
    is_one = len(part.said) <= 1 and part.said.keys() <= set(kpi.dimensions)
    return is_daily and is_one and part.as_of is None


def periods_below(total: Cumulative, periods: Periods) -> Periods:
    """The days or hours that a running total adds up, from where it begins."""
    begin = periods.starts[0]
    if total.window_days is not None:
        begin -= timedelta(days=total.window_days)
    elif total.reset != "never":
        begin = bucket_start(begin, Grain(total.reset), periods.zone)
    grain = min(periods.grain, Grain.DAY, key=list(Grain).index)
    return Periods.between(begin, periods.ends[-1], grain=grain, zone=periods.zone)


def of_cells(kpi: Kpi, periods: Periods, cells: Mapping[datetime, Cell]) -> Figures:
    """A measured KPI's figures, from what was added up in each period."""
    aggregation = Aggregation(kpi.aggregation)
    held = [cells.get(start) for start in periods.starts]
    return Figures(
        [None if cell is None else cell.value(aggregation) for cell in held],
        [0 if cell is None else cell.count for cell in held],
    )


def _each(inputs: Mapping[str, Figures], work_out: WorkOut) -> Figures:
    """Period by period, from the inputs' figures of that period."""
    rows = zip(*(each.values for each in inputs.values()), strict=True)
    counts = zip(*(each.counts for each in inputs.values()), strict=True)
    return Figures(
        [work_out(dict(zip(inputs, row, strict=True))) for row in rows],
        [sum(each) for each in counts],
    )


def _quotient(numerator: Decimal | None, denominator: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if numerator is None or not denominator else factor * numerator / denominator


def _counts_in(periods: Periods, fine: Periods, counts: Sequence[int]) -> list[int]:
    told, place = [], 0
    for start, end in zip(periods.starts, periods.ends, strict=True):
        while place < len(fine.starts) and fine.starts[place] < start:
            place += 1
        first = place
        while place < len(fine.starts) and fine.starts[place] < end:
            place += 1
        told.append(sum(counts[first:place]))
    return told
