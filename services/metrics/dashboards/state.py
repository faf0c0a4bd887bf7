"""Tells where every KPI of a dashboard stands, with as many queries for one tile as for all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from services.chassis.errors import Invalid
from services.chassis.unit_of_work import Work
from services.metrics.dashboards.repository import DashboardRepository
from services.metrics.dashboards.schemas import DashboardState, Tile, TilePart, TileState, TileTarget
from services.metrics.domain.impact import Direction
from services.metrics.domain.rollups import SKETCHED, Aggregation, Cell, Grain
from services.metrics.domain.standing import is_good_move, pace_of, progress_of, told_progress
from services.metrics.domain.windows import CADENCES
from services.metrics.kpis.repository import KpiRepository
from services.metrics.kpis.schemas import Band
from services.metrics.measurements.batches import MOST_VALUES, BatchedMeasurements, KnownKpis, Need, needs_of
from services.metrics.measurements.figures import of_cells
from services.metrics.measurements.parts import Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.schemas import SeriesPoint
from services.metrics.measurements.series import SeriesReader, compared, told_precision
from services.metrics.measurements.splits import most_said
from services.metrics.models import Dashboard, Kpi, Target
from services.metrics.targets.service import SPANS, midnight


@dataclass(frozen=True)
class Look:
    """What has to be read for one tile."""

    tile: Tile
    kpi: Kpi
    shown: Periods
    earlier: Periods | None
    target: Target | None = None
    towards: dict[str, Periods] = field(default_factory=dict)

    @property
    def part(self) -> Part:
        return Part(self.tile.filters)

    @property
    def read(self) -> Iterator[Periods]:
        yield from (each for each in (self.shown, self.earlier, *self.towards.values()) if each is not None)

    @property
    def last_two(self) -> Periods:
        shown = self.shown
        return Periods(shown.starts[-2:], shown.ends[-2:], shown.grain, shown.zone)

    @property
    def split(self) -> Need | None:
        """The values of the tile's dimension, if they can be read together with those of other tiles."""
        is_added_up = self.kpi.kind == "simple" and self.kpi.aggregation not in SKETCHED
        if self.tile.dimension is None or not is_added_up:
            return None
        has_last = self.kpi.aggregation == Aggregation.LAST
        return Need(self.kpi.id, self.last_two, self.tile.dimension, has_last=has_last)


class DashboardReader:
    """Reads one dashboard within one session."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.dashboards = DashboardRepository(work.session)
        self.measurements = BatchedMeasurements(work.session)

    async def read(self, dashboard: Dashboard) -> DashboardState:
        """What can be read for all tiles at once is; sketches, funnels and rows are read tile by tile."""
        now = self.work.clock.now()
        tiles = [Tile.model_validate(each) for each in dashboard.tiles]
        kpis = await KpiRepository(self.work.session).with_all_below({each.kpi_id for each in tiles})
        targets = await self._targets(tiles, today=now.date())
        looks = [_look(each, kpis[each.kpi_id], targets, now=now) for each in tiles]
        needs = (needs_of(each.kpi, periods, each.part, kpis) for each in looks for periods in each.read)
        await self.measurements.gather(chain.from_iterable(needs))
        splits = [each.split for each in looks]
        said = iter(await self.measurements.most_said([each for each in splits if each is not None]))
        known = KnownKpis(self.work.session, kpis)
        told = [await self._told(each, known, now=now) for each in looks]
        for state, split, look in zip(told, splits, looks, strict=True):
            if split is not None:
                state.parts = _parts(look.kpi, split.periods, next(said))
            elif look.tile.dimension is not None:
                await self._split(state, look, look.tile.dimension, known)
        return DashboardState(
            dashboard_id=dashboard.id, dashboard_version=dashboard.version, name=dashboard.name, as_of=now, tiles=told
        )

    async def _targets(self, tiles: Sequence[Tile], *, today: date) -> Sequence[Target]:
        return await self.dashboards.targets(
            kpi_ids={each.kpi_id for each in tiles},
            target_ids={each.target_id for each in tiles if each.target_id},
            today=today,
        )

    async def _told(self, look: Look, kpis: KnownKpis, *, now: datetime) -> TileState:
        reader = SeriesReader(self.measurements, part=look.part, kpis=kpis)
        state = _bare(look)
        try:
            points = await reader.in_periods(look.kpi, look.shown)
            before = await reader.in_periods(look.kpi, look.earlier) if look.earlier else [None, *points[:-1]]
            towards = {name: await reader.in_periods(look.kpi, each) for name, each in look.towards.items()}
        except Invalid as fault:
            state.fault = _told_fault(fault)
            return state
        state.points = points
        _compare(state, look.kpi, before)
        state.target = _towards(look, towards, now=now)
        return state.model_copy(update=told_precision(look.kpi, reader.figures.precision))

    async def _split(self, state: TileState, look: Look, dimension: str, kpis: KnownKpis) -> None:
        """Value by value, where parts were not added up."""
        if dimension not in await kpis.declared_below(look.kpi.id):
            state.fault = f"{look.kpi.name} does not declare in its `dimensions`: {dimension}."
            return
        periods, state.parts = look.last_two, []
        try:
            for value in await most_said(self.measurements, look.kpi, periods, dimension, look.part, most=MOST_VALUES):
                reader = SeriesReader(self.measurements, part=look.part.narrowed(dimension, value), kpis=kpis)
                points = await reader.in_periods(look.kpi, periods)
                state.parts.append(TilePart(value=value, latest=points[-1].value, earlier=points[0].value))
        except Invalid as fault:
            state.parts, state.fault = None, _told_fault(fault)


def _told_fault(fault: Invalid) -> str:
    return "; ".join(each.detail for each in fault.errors) or fault.title


def _look(tile: Tile, kpi: Kpi, targets: Sequence[Target], *, now: datetime) -> Look:
    grain, zone = tile.grain or Grain(kpi.cadence), ZoneInfo(kpi.time_zone)
    shown = Periods.last(tile.periods, before=now, grain=grain, zone=zone)
    earlier = shown.year_before() if tile.comparison == "previous_year" else None
    target = None if tile.filters else _target_of(tile, targets)
    return Look(tile, kpi, shown, earlier, target, _periods_towards(target, kpi, now=now) if target else {})


def _target_of(tile: Tile, targets: Sequence[Target]) -> Target | None:
    mine = (each for each in targets if each.kpi_id == tile.kpi_id and tile.target_id in (None, each.id))
    return next(mine, None)


def _periods_towards(target: Target, kpi: Kpi, *, now: datetime) -> dict[str, Periods]:
    cadence, zone = Grain(kpi.cadence), ZoneInfo(kpi.time_zone)
    span = SPANS[cadence]
    towards = {"current": Periods.last(span, before=now, grain=cadence, zone=zone)}
    if target.baseline is None:
        begin = midnight(target.starts_on, zone)
        end = begin + (span - 1) * CADENCES[cadence].period + timedelta(hours=1)
        towards["baseline"] = Periods.between(begin, end, grain=cadence, zone=zone)
    return towards


def _bare(look: Look) -> TileState:
    kpi = look.kpi
    limits = kpi.limits
    return TileState(
        kpi_id=kpi.id,
        kpi_version=kpi.version,
        title=look.tile.title or kpi.name,
        unit=kpi.unit,
        grain=look.shown.grain,
        time_zone=kpi.time_zone,
        latest=None,
        compared=None,
        is_good=None,
        band=Band.of(limits),
        band_position=None,
        target=None,
        points=[],
        note=look.tile.note,
    )


def _compare(state: TileState, kpi: Kpi, before: Sequence[SeriesPoint | None]) -> None:
    """The last period with a figure, and the one that stands at its place in `before`."""
    place = max((at for at, point in enumerate(state.points) if point.value is not None), default=None)
    if place is None:
        return
    state.latest, then = state.points[place], before[place]
    value, limits = state.latest.value, kpi.limits
    state.band_position = limits.position(value) if limits and value is not None else None
    if then is None:
        return
    state.compared = compared(state.latest, then)
    if then.value is not None and value is not None:
        state.is_good = is_good_move(then.value, value, direction=Direction(kpi.direction), limits=limits)


def _towards(look: Look, read: Mapping[str, Sequence[SeriesPoint]], *, now: datetime) -> TileTarget | None:
    target, zone = look.target, ZoneInfo(look.kpi.time_zone)
    if target is None:
        return None
    begin = midnight(target.starts_on, zone)
    end = midnight(target.due_on + timedelta(days=1), zone)
    current = _mean(read["current"])
    baseline = target.baseline if target.baseline is not None else _mean(read["baseline"])
    progress = progress_of(current, baseline=baseline, goal=target.value, limits=target.limits)
    pace = pace_of(begin, end, now)
    return TileTarget(
        target_id=target.id,
        name=target.name,
        value=target.value,
        band=Band.of(target.limits),
        due_on=target.due_on,
        current=current,
        progress=progress,
        pace=pace,
        standing=told_progress(progress, pace),
    )


def _parts(kpi: Kpi, periods: Periods, said: Mapping[str, Mapping[datetime, Cell]]) -> list[TilePart]:
    read = {value: of_cells(kpi, periods, cells).values for value, cells in said.items()}
    return [
        TilePart(value=value, latest=_plain(figures[-1]), earlier=_plain(figures[0])) for value, figures in read.items()
    ]


def _plain(figure: object) -> float | None:
    return None if figure is None else float(str(figure))


def _mean(points: Sequence[SeriesPoint]) -> float | None:
    known = [each.value for each in points if each.value is not None]
    return sum(known) / len(known) if known else None
