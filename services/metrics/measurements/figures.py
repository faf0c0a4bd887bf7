"""A KPI's figures period by period, however they come about: measured, or worked out from other KPIs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.errors import FieldError, Invalid
from services.metrics.domain.accumulation import Amount, Plus, T, moving_totals, running_totals
from services.metrics.domain.formulas import parse
from services.metrics.domain.rollups import SKETCHED, Aggregation, Cell, EmptyBucket, Grain, bucket_start, combine, fill
from services.metrics.domain.sketches import MERGES
from services.metrics.kpis.calculations import Cumulative, Derived, Funnel, Ratio, Retention, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.journeys import JourneyReader
from services.metrics.measurements.parts import WHOLE, Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.raw import count_rows
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.sketches import SketchReader, sketched_figure
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
        """From the days below, or the hours, so that a total may begin anew within a period."""
        kpi = await self.kpis.get(total.kpi_id)
        fine = periods_below(total, periods)
        if kpi.aggregation in SKETCHED:
            return await self._total_sketched(kpi, total, periods, fine)
        is_endless = total.window_days is None and total.reset == "never"
        carried = await self._before(kpi, periods.starts[0]) if is_endless else None
        below = await self._cells(kpi, fine)
        amounts = [Amount(start, below.get(start)) for start in fine.starts]
        cells = accumulated(total, amounts, periods, plus=Cell.plus, carried=carried)
        aggregation = Aggregation(kpi.aggregation)
        counts = [0 if each.value is None else each.value.count for each in amounts]
        values = [None if cell is None else cell.value(aggregation) for cell in cells]
        return Figures(values, _counts_in(periods, fine, counts))

    async def _total_sketched(self, kpi: Kpi, total: Cumulative, periods: Periods, fine: Periods) -> Figures:
        """By merging the days' sketches; without a reset from the first day on."""
        if not is_added_up(kpi, periods, self.part):
            detail = (
                "A running distinct count or percentile is told by days where the KPI lives, by one filter at most."
            )
            raise Invalid(errors=[FieldError("query/grain", detail, "not_sketched")])
        first, _ = await self.measurements.span(kpi.id)
        if total.window_days is None and total.reset == "never" and first is not None and first < fine.starts[0]:
            fine = Periods.between(first, periods.ends[-1], grain=Grain.DAY, zone=periods.zone)
        days, stale = await self.sketches.days(kpi, fine, self.part)
        self.precision.sketches.add(kpi.aggregation)
        self.precision.stale_days += stale
        held = [days.get(start.astimezone(fine.zone).date()) for start in fine.starts]
        amounts = [
            Amount(start, None if each is None else each.content) for start, each in zip(fine.starts, held, strict=True)
        ]
        merged = accumulated(total, amounts, periods, plus=MERGES[kpi.aggregation])
        counts = [0 if each is None else each.measurements for each in held]
        values = [None if each is None else sketched_figure(kpi, [each]) for each in merged]
        return Figures(values, _counts_in(periods, fine, counts))

    async def _cells(self, kpi: Kpi, periods: Periods) -> Mapping[datetime, Cell]:
        if self.part.is_whole:
            return await self.measurements.cells(kpi, periods)
        if is_added_up(kpi, periods, self.part):
            ((dimension, value),) = self.part.said.items()
            return await self.measurements.parts(kpi, periods, dimension=dimension, part=value)
        counted = await count_rows(self.measurements.session, kpi, periods, self.part)
        return {start: each.cell for start, each in counted.items()}

    async def _before(self, kpi: Kpi, moment: datetime) -> Cell | None:
        """Everything before a moment; of a part it is not looked for in one piece but day by day."""
        if self.part.is_whole:
            before = await self.measurements.cell_before(kpi, moment)
            return before if before.count else None
        first, _ = await self.measurements.span(kpi.id)
        if first is None or first >= moment:
            return None
        zone = ZoneInfo(kpi.time_zone)
        until = bucket_start(moment, Grain.DAY, zone)
        days = await self._cells(kpi, Periods.between(first, until, grain=Grain.DAY, zone=zone))
        return combine(days.values()) if days else None

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


def accumulated(
    total: Cumulative, amounts: Sequence[Amount[T]], periods: Periods, *, plus: Plus[T], carried: T | None = None
) -> Iterator[T | None]:
    """What there is at the end of each period, in the way that the KPI accumulates."""
    if total.window_days is not None:
        return moving_totals(amounts, periods.ends, window=timedelta(days=total.window_days), plus=plus)
    reset = None if total.reset == "never" else Grain(total.reset)
    return running_totals(
        amounts,
        periods.ends,
        plus=plus,
        carried=carried,
        stretch_of=lambda start: reset and bucket_start(start, reset, periods.zone),
    )


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
