"""A KPI's figures period by period, however they come about: measured, or worked out from other KPIs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from services.metrics.domain.accumulation import Amount, moving_totals, running_totals
from services.metrics.domain.formulas import parse
from services.metrics.domain.rollups import Aggregation, EmptyBucket, Grain, bucket_start, fill
from services.metrics.kpis.calculations import Cumulative, Derived, Ratio, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.models import Kpi

Known = dict[UUID, "Figures"]
WorkOut = Callable[[Mapping[str, Decimal | None]], Decimal | None]


@dataclass(frozen=True)
class Figures:
    """A figure for each period, None where there is none, and on how many measurements each rests."""

    values: Sequence[Decimal | None]
    counts: Sequence[int]


class FigureReader:
    """Works figures out within one session; what several KPIs rest on is read once."""

    def __init__(self, measurements: MeasurementRepository) -> None:
        self.measurements = measurements
        self.kpis = KpiRepository(measurements.session)

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
            case _:
                return await self._simple(kpi, periods)

    async def _inputs(self, inputs: Mapping[str, UUID], periods: Periods, known: Known) -> dict[str, Figures]:
        kpis = await self.kpis.by_ids(inputs.values())
        return {name: await self._read(kpis[each], periods, known) for name, each in inputs.items()}

    async def _simple(self, kpi: Kpi, periods: Periods) -> Figures:
        cells = await self.measurements.cells(kpi.id, periods)
        aggregation = Aggregation(kpi.aggregation)
        held = [cells.get(start) for start in periods.starts]
        return Figures(
            [None if cell is None else cell.value(aggregation) for cell in held],
            [0 if cell is None else cell.count for cell in held],
        )

    async def _total(self, total: Cumulative, periods: Periods) -> Figures:
        """Added up from the days below, or the hours, so that a total may begin anew within a period."""
        kpi = await self.kpis.get(total.kpi_id)
        aggregation = Aggregation(kpi.aggregation)
        begin = periods.starts[0]
        carried: Decimal | None = None
        if total.window_days is not None:
            begin -= timedelta(days=total.window_days)
        elif total.reset != "never":
            begin = bucket_start(begin, Grain(total.reset), periods.zone)
        else:
            carried = (await self.measurements.cell_before(kpi.id, begin)).value(aggregation)
        fine = Periods.between(
            begin, periods.ends[-1], grain=min(periods.grain, Grain.DAY, key=list(Grain).index), zone=periods.zone
        )
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

    async def _carried(self, kpi: Kpi, policy: EmptyBucket, periods: Periods) -> Decimal | None:
        """The last figure before the first period; of a KPI that is worked out it is not looked for."""
        if policy is not EmptyBucket.CARRY or kpi.kind != "simple":
            return None
        return (await self.measurements.last_before(kpi.id, periods.starts[0])).value(Aggregation(kpi.aggregation))


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
