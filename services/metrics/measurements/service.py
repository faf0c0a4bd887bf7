"""Takes measurements in, and tells what they add up to."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.bulk import Line
from services.chassis.errors import AlreadyExists, FieldError, Invalid, Problem, UnknownReference
from services.chassis.events import signal_after_commit
from services.chassis.operations import OperationRead
from services.chassis.unit_of_work import Work
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.rollups import SKETCHED, Aggregation, Grain
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import NewMeasurement, held_instead, is_same, take_in
from services.metrics.measurements.lines import QuickMeasurement
from services.metrics.measurements.parts import Part
from services.metrics.measurements.periods import SHORTEST, Periods
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.retention import oldest_kept
from services.metrics.measurements.schemas import (
    ComparedPoint,
    Comparison,
    MeasurementCreate,
    MeasurementRead,
    SeriesPart,
    SeriesPoint,
    SeriesRead,
    read_measurement,
)
from services.metrics.measurements.series import SeriesReader, compared, told_precision
from services.metrics.measurements.sketching import TOPIC
from services.metrics.measurements.splits import most_said
from services.metrics.models import Kpi

MOST_PARTS = 20
Parsed = tuple[int, MeasurementCreate | QuickMeasurement | Problem]


REBUILD_KPI = "kpi.rebuild"


class MeasurementService:
    """The measurements of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)
        self.measurements = MeasurementRepository(work.session)
        self.context = cast("MetricsContext", work.context)
        self._oldest = oldest_kept(self.context.settings, work.clock.now())

    async def record(self, new: MeasurementCreate) -> MeasurementRead:
        """Once per dedupe key. Raises UnknownReference for the KPI, AlreadyExists when the key stands for another."""
        (line,) = await self.record_all([(1, new)])
        if line.problem is not None:
            raise line.problem
        return await self.get(line.id or new.kpi_id)

    async def record_all(self, lines: Iterable[Parsed]) -> list[Line]:
        """Each line on its own: 201 for what is new, 200 for what was known, or its problem."""
        parsed = list(lines)
        ids = {new.kpi_id for _, new in parsed if not isinstance(new, Problem)}
        kpis = await self.kpis.held_for_intake(ids) if ids else {}
        refusals = {kpi_id: _refusal(kpis.get(kpi_id)) for kpi_id in ids}
        results: dict[int, Line] = {}
        accepted: dict[int, NewMeasurement] = {}
        for number, new in parsed:
            problem = new if isinstance(new, Problem) else refusals[new.kpi_id] or self._too_old(new)
            if problem is not None:
                results[number] = Line(number, problem.status, problem=problem)
            elif not isinstance(new, Problem):
                accepted[number] = self._prepare(new)
        results |= await self._take_in(accepted, kpis) if accepted else {}
        return [results[number] for number, _ in parsed]

    async def _take_in(self, accepted: dict[int, NewMeasurement], kpis: Mapping[UUID, Kpi]) -> dict[int, Line]:
        added = await take_in(self.work.session, list(accepted.values()), kpis=kpis.values(), now=self.work.clock.now())
        if any(kpi.aggregation in SKETCHED for kpi in kpis.values()):
            signal_after_commit(self.work.session, TOPIC, self.work.context.signal)
        fresh = {each.id for each in added}
        results = {number: Line(number, 201, each.id) for number, each in accepted.items() if each.id in fresh}
        known = {number: each for number, each in accepted.items() if each.id not in fresh}
        return results | (await self._known(known) if known else {})

    async def get(self, measurement_id: UUID) -> MeasurementRead:
        return read_measurement(await self.measurements.get(measurement_id))

    async def series(
        self,
        kpi_id: UUID,
        *,
        grain: Grain,
        since: datetime | None,
        until: datetime | None,
        time_zone: str | None,
        compare: Comparison | None,
        dimension: str | None,
        part: Part,
    ) -> SeriesRead:
        """Raises NotFound, and Invalid for more than `MAX_POINTS` periods."""
        kpi = await self.kpis.get(kpi_id)
        await self._require_declared(kpi, {*part.said, *([dimension] if dimension else ())})
        zone = ZoneInfo(time_zone or kpi.time_zone)
        until = until or self.work.clock.now()
        since = since or until - max(timedelta(days=90), 30 * SHORTEST[grain])
        periods = Periods.between(since, until, grain=grain, zone=zone)
        reader = SeriesReader(self.measurements, part=part)
        points = await reader.in_periods(kpi, periods)
        comparison = await self._compared(reader, kpi, periods, points, compare) if compare and points else None
        parts = await self._parts(kpi, periods, dimension, part) if dimension and points else []
        return SeriesRead(
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            unit=kpi.unit,
            aggregation=Aggregation(kpi.aggregation),
            grain=grain,
            time_zone=zone.key,
            as_of=part.as_of,
            filters=dict(part.said),
            points=points,
            parts=parts[:MOST_PARTS] if dimension else None,
            has_more_parts=len(parts) > MOST_PARTS,
            comparison=comparison,
            **told_precision(kpi, reader.figures.precision),
        )

    async def _parts(self, kpi: Kpi, periods: Periods, dimension: str, part: Part) -> list[SeriesPart]:
        values = await most_said(self.measurements, kpi, periods, dimension, part, most=MOST_PARTS + 1)
        narrowed = ((value, SeriesReader(self.measurements, part=part.narrowed(dimension, value))) for value in values)
        return [SeriesPart(value=value, points=await reader.in_periods(kpi, periods)) for value, reader in narrowed]

    async def _require_declared(self, kpi: Kpi, dimensions: set[str]) -> None:
        """Of the KPI, or of all that it is worked out from: what was not declared was not added up."""
        if dimensions and (unknown := dimensions - await self.kpis.declared_below(kpi.id)):
            detail = f"Not declared in the KPI's `dimensions`: {', '.join(sorted(unknown))}."
            raise Invalid(errors=[FieldError("query/dimension", detail, "undeclared")])

    async def _compared(
        self, reader: SeriesReader, kpi: Kpi, periods: Periods, points: list[SeriesPoint], compare: Comparison
    ) -> list[ComparedPoint]:
        earlier = periods.previous() if compare == "previous_period" else periods.year_before()
        before = await reader.in_periods(kpi, earlier)
        return [compared(now, then) for now, then in zip(points, before, strict=True)]

    async def rebuild(self, kpi_id: UUID) -> OperationRead:
        """Add one KPI up again from its rows. Raises NotFound, and Invalid for one that has none."""
        kpi = await self.kpis.get(kpi_id)
        if kpi.kind != "simple":
            raise Invalid(errors=[FieldError("path/kpi_id", "This KPI is worked out from others.", "calculated")])
        return await self.work.operations.start(REBUILD_KPI, {"kpi_id": str(kpi_id)})

    def _prepare(self, new: MeasurementCreate | QuickMeasurement) -> NewMeasurement:
        measurement_id = self.work.ids()
        return NewMeasurement(
            id=measurement_id,
            kpi_id=new.kpi_id,
            dedupe_key=new.dedupe_key or str(measurement_id),
            measured_at=new.measured_at,
            value=new.value,
            weight=new.denominator,
            dimensions=new.dimensions,
            subject=self._pseudonym(new.subject),
        )

    def _pseudonym(self, subject: str | None) -> int | None:
        if subject is None:
            return None
        return self.context.pseudonym(subject, self.work.principal.workspace)

    def _too_old(self, new: MeasurementCreate | QuickMeasurement) -> Problem | None:
        if self._oldest is None or new.measured_at >= self._oldest:
            return None
        detail = f"Nothing before {self._oldest:%Y-%m-%d} is taken in."
        return Invalid(errors=[FieldError("/measured_at", detail, "too_old")])

    async def _known(self, refused: dict[int, NewMeasurement]) -> dict[int, Line]:
        number_of = {id(each): number for number, each in refused.items()}
        lines = {}
        for new, held in await held_instead(self.work.session, list(refused.values())):
            number = number_of[id(new)]
            problem = None if is_same(new, held) else KeyTaken(f"{new.dedupe_key} stands for another measurement.")
            lines[number] = Line(number, problem.status if problem else 200, held.id, problem)
        return lines


class KeyTaken(AlreadyExists):
    code, title = "dedupe_key_taken", "This dedupe key stands for another measurement"


def _refusal(kpi: Kpi | None) -> Problem | None:
    if kpi is None:
        return UnknownReference(errors=[FieldError("/kpi_id", "There is no such KPI.", "unknown")])
    if kpi.kind != "simple":
        return Invalid(errors=[FieldError("/kpi_id", "This KPI is worked out from others.", "calculated")])
    return None
