"""What many figures rest on, read with one query for each kind instead of one for each figure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Integer, String, Subquery, Uuid, cast, func, literal, select, text

from services.metrics.domain.rollups import SKETCHED, Aggregation, Cell, EmptyBucket
from services.metrics.kpis.calculations import Cumulative, Derived, Funnel, Ratio, Retention, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.figures import is_added_up, periods_below
from services.metrics.measurements.parts import Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.repository import MeasurementRepository, added_up, cell_of
from services.metrics.models import DimensionRollup, Kpi, Rollup

MOST_VALUES = 10
Cells = dict[datetime, Cell]


@dataclass(frozen=True)
class Need:
    """The cells of one measured KPI in some periods: of all of it, or of one value of a dimension."""

    kpi_id: UUID
    periods: Periods
    dimension: str | None = None
    value: str | None = None
    has_last: bool = False
    is_carried: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        periods = self.periods
        span = periods.grain, periods.zone.key, periods.starts[0], periods.ends[-1]
        return self.kpi_id, *span, self.dimension, self.value


def needs_of(kpi: Kpi, periods: Periods, part: Part, kpis: Mapping[UUID, Kpi]) -> Iterator[Need]:
    """What the figures of a KPI rest on, as far as it was added up; `kpis` holds all that it is worked out from."""
    match read_calculation(kpi.calculation):
        case Ratio() | Derived() as calculation:
            for each in set(calculation.inputs.values()):
                yield from needs_of(kpis[each], periods, part, kpis)
        case Cumulative() as total:
            yield from _measured(kpis[total.kpi_id], periods_below(total, periods), part)
        case Funnel() | Retention():
            return
        case _:
            yield from _measured(kpi, periods, part)


def _measured(kpi: Kpi, periods: Periods, part: Part) -> Iterator[Need]:
    if kpi.aggregation in SKETCHED:
        return
    has_last = kpi.aggregation == Aggregation.LAST
    if part.is_whole:
        yield Need(kpi.id, periods, has_last=has_last, is_carried=kpi.empty == EmptyBucket.CARRY)
    elif is_added_up(kpi, periods, part):
        ((dimension, value),) = part.said.items()
        yield Need(kpi.id, periods, dimension, value, has_last=has_last)


class KnownKpis(KpiRepository):
    """Answers from what was read before."""

    def __init__(self, session: Any, known: Mapping[UUID, Kpi]) -> None:
        super().__init__(session)
        self.known = known

    async def by_ids(self, ids: Iterable[UUID]) -> dict[UUID, Kpi]:
        wanted = set(ids)
        held = {each: self.known[each] for each in wanted & self.known.keys()}
        return held | await super().by_ids(wanted - held.keys())

    async def get(self, row_id: UUID, *, lock: bool = False) -> Kpi:
        return self.known[row_id] if row_id in self.known and not lock else await super().get(row_id, lock=lock)


class BatchedMeasurements(MeasurementRepository):
    """Answers from what was gathered, and asks for what was not."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._gathered: dict[tuple[Any, ...], Cells] = {}
        self._before: dict[tuple[UUID, datetime], Cell] = {}

    async def gather(self, needs: Iterable[Need]) -> None:
        """Three queries at most, however much is needed."""
        new = list({need.key: need for need in needs if need.periods.starts}.values())
        whole, parts = [each for each in new if each.value is None], [each for each in new if each.value is not None]
        self._gathered |= {need.key: {} for need in new}
        if whole:
            await self._keep(whole, self._cells_of(_table(whole), has_last=_has_last(whole)))
        if parts:
            await self._keep(parts, self._parts_of(_table(parts), has_last=_has_last(parts)))
        if carried := [each for each in whole if each.is_carried]:
            await self._gather_before(carried)

    async def _keep(self, needs: Sequence[Need], query: Any) -> None:
        for row in (await self.session.execute(query)).all():
            self._gathered[needs[row.place].key][row.bucket] = cell_of(row)

    async def cells(self, kpi: Kpi, periods: Periods) -> Cells:
        known = self._gathered.get(Need(kpi.id, periods).key)
        return await super().cells(kpi, periods) if known is None else known

    async def parts(self, kpi: Kpi, periods: Periods, *, dimension: str, part: str) -> Cells:
        known = self._gathered.get(Need(kpi.id, periods, dimension, part).key)
        return await super().parts(kpi, periods, dimension=dimension, part=part) if known is None else known

    async def last_before(self, kpi_id: UUID, moment: datetime) -> Cell:
        known = self._before.get((kpi_id, moment))
        return await super().last_before(kpi_id, moment) if known is None else known

    async def most_said(self, needs: Sequence[Need]) -> list[dict[str, Cells]]:
        """For each need, the values of its dimension that were said most, with their cells."""
        told: list[dict[str, Cells]] = [defaultdict(dict) for _ in needs]
        if not needs:
            return []
        need = _table(needs)
        rank = func.row_number().over(
            partition_by=need.c.place, order_by=(func.sum(DimensionRollup.measurements).desc(), DimensionRollup.part)
        )
        ranked = (
            select(need.c.place, DimensionRollup.part, rank.label("rank"))
            .join(DimensionRollup, self._of_dimension(need))
            .group_by(need.c.place, DimensionRollup.part)
            .subquery("ranked")
        )
        is_top = (ranked.c.place == need.c.place) & (ranked.c.part == DimensionRollup.part)
        query = self._by_day(need, DimensionRollup.part, ranked.c.rank, has_last=_has_last(needs))
        query = query.join(ranked, is_top & (ranked.c.rank <= MOST_VALUES)).group_by(text("1, 2, 3, 4"))
        for row in (await self.session.execute(query.order_by(need.c.place, ranked.c.rank))).all():
            told[row.place][row.part][row.bucket] = cell_of(row)
        return told

    def _cells_of(self, need: Subquery, *, has_last: bool) -> Any:
        bucket = func.date_trunc(need.c.grain, Rollup.starts_at, need.c.zone).label("bucket")
        mine = (Rollup.workspace_id == self.workspace_id) & (Rollup.kpi_id == need.c.kpi_id)
        within = (Rollup.starts_at >= need.c.begins_at) & (Rollup.starts_at < need.c.ends_at)
        query = added_up(Rollup, need.c.place, bucket, has_last=has_last)
        return query.join(need, mine & within).group_by(text("1, 2"))

    def _parts_of(self, need: Subquery, *, has_last: bool) -> Any:
        return self._by_day(need, has_last=has_last).where(DimensionRollup.part == need.c.value).group_by(text("1, 2"))

    def _by_day(self, need: Subquery, *columns: Any, has_last: bool) -> Any:
        day = func.date_trunc(need.c.grain, cast(DimensionRollup.day, DateTime))
        bucket = func.timezone(need.c.zone, day).label("bucket")
        query = added_up(DimensionRollup, need.c.place, bucket, *columns, has_last=has_last)
        return query.join(need, self._of_dimension(need))

    def _of_dimension(self, need: Subquery) -> Any:
        row = DimensionRollup
        mine = (row.workspace_id == self.workspace_id) & (row.kpi_id == need.c.kpi_id)
        return mine & (row.dimension == need.c.dimension) & (row.day >= need.c.first_day) & (row.day < need.c.end_day)

    async def _gather_before(self, needs: Sequence[Need]) -> None:
        """The last quarter of an hour with a measurement before each need begins."""
        need = _table(needs)
        mine = (Rollup.workspace_id == self.workspace_id) & (Rollup.kpi_id == need.c.kpi_id)
        latest = (
            select(Rollup)
            .where(mine, Rollup.starts_at < need.c.begins_at)
            .order_by(Rollup.starts_at.desc())
            .limit(1)
            .lateral("latest")
        )
        rows = (await self.session.execute(select(need.c.place, latest).join(latest, literal(True)))).all()
        held = {row.place: cell_of(row) for row in rows}
        self._before |= {
            (each.kpi_id, each.periods.starts[0]): held.get(place, Cell()) for place, each in enumerate(needs)
        }


def _has_last(needs: Sequence[Need]) -> bool:
    return any(each.has_last for each in needs)


def _table(needs: Sequence[Need]) -> Subquery:
    """The needs as rows that a query joins."""
    spans = [(each.periods.starts[0], each.periods.ends[-1], each.periods.zone) for each in needs]
    columns: dict[str, tuple[list[Any], Any]] = {
        "place": (list(range(len(needs))), Integer),
        "kpi_id": ([each.kpi_id for each in needs], Uuid),
        "grain": ([each.periods.grain.value for each in needs], String),
        "zone": ([zone.key for _, _, zone in spans], String),
        "begins_at": ([first for first, _, _ in spans], DateTime(timezone=True)),
        "ends_at": ([end for _, end, _ in spans], DateTime(timezone=True)),
        "first_day": ([first.astimezone(zone).date() for first, _, zone in spans], Date),
        "end_day": ([end.astimezone(zone).date() for _, end, zone in spans], Date),
        "dimension": ([each.dimension for each in needs], String),
        "value": ([each.value for each in needs], String),
    }
    return select(
        *(func.unnest(literal(values, ARRAY(kind))).label(name) for name, (values, kind) in columns.items())
    ).subquery("need")
