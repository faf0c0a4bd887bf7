"""Takes measurements in, and tells what they add up to."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.bulk import Line
from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, Problem, UnknownReference
from services.chassis.unit_of_work import Work
from services.metrics.domain.rollups import Aggregation, Grain
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import (
    NewMeasurement,
    held_instead,
    is_same,
    lock_cell,
    refill_cell,
    take_in,
)
from services.metrics.measurements.periods import SHORTEST, Periods
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.schemas import (
    ComparedPoint,
    Comparison,
    MeasurementCreate,
    MeasurementRead,
    SeriesPoint,
    SeriesRead,
)
from services.metrics.measurements.series import SeriesReader, compared
from services.metrics.models import Kpi, Measurement

Parsed = tuple[int, MeasurementCreate | Problem]


class MeasurementService:
    """The measurements of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)
        self.measurements = MeasurementRepository(work.session)
        self.reader = SeriesReader(self.measurements)

    async def record(self, new: MeasurementCreate) -> MeasurementRead:
        """Once per dedupe key. Raises UnknownReference for the KPI, AlreadyExists when the key stands for another."""
        (line,) = await self.record_all([(1, new)])
        if line.problem is not None:
            raise line.problem
        return await self.get(line.id or new.kpi_id)

    async def record_all(self, lines: Iterable[Parsed]) -> list[Line]:
        """Each line on its own: 201 for what is new, 200 for what was known, or its problem."""
        parsed = list(lines)
        kpis = await self.kpis.by_ids({new.kpi_id for _, new in parsed if isinstance(new, MeasurementCreate)})
        results = {number: _refusal(number, new, kpis) for number, new in parsed}
        accepted = {
            number: self._prepare(new)
            for number, new in parsed
            if results[number] is None and isinstance(new, MeasurementCreate)
        }
        added = await take_in(self.work.session, list(accepted.values()), now=self.work.clock.now()) if accepted else ()
        results |= {number: Line(number, 201, each.id) for number, each in accepted.items() if each.id in added}
        known = {number: each for number, each in accepted.items() if each.id not in added}
        results |= await self._known(known) if known else {}
        return [line for number, _ in parsed if (line := results[number]) is not None]

    async def get(self, measurement_id: UUID) -> MeasurementRead:
        return _read(await self.measurements.get(measurement_id))

    async def retract(self, measurement_id: UUID, *, if_match: Precondition) -> None:
        """Take a measurement back; its dedupe key is free again, so that the right figure can be sent."""
        found = await self.measurements.get(measurement_id)
        starts_at = await lock_cell(self.work.session, found.kpi_id, found.measured_at)
        measurement = await self.measurements.get(measurement_id, lock=True)
        if_match.check(_read(measurement))
        await self.measurements.remove(measurement)
        if starts_at is not None:
            await refill_cell(self.work.session, found.kpi_id, starts_at, now=self.work.clock.now())
        await self.work.events.append(
            "measurement.retracted",
            subject_type="measurement",
            subject_id=measurement.id,
            version=2,
            data={"kpi_id": measurement.kpi_id, "measured_at": measurement.measured_at},
        )

    async def series(
        self,
        kpi_id: UUID,
        *,
        grain: Grain,
        since: datetime | None,
        until: datetime | None,
        time_zone: str | None,
        compare: Comparison | None,
    ) -> SeriesRead:
        """Raises NotFound, and Invalid for more than `MAX_POINTS` periods."""
        kpi = await self.kpis.get(kpi_id)
        zone = ZoneInfo(time_zone or kpi.time_zone)
        until = until or self.work.clock.now()
        since = since or until - max(timedelta(days=90), 30 * SHORTEST[grain])
        periods = Periods.between(since, until, grain=grain, zone=zone)
        points = await self.reader.in_periods(kpi, periods)
        return SeriesRead(
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            unit=kpi.unit,
            aggregation=Aggregation(kpi.aggregation),
            grain=grain,
            time_zone=zone.key,
            points=points,
            comparison=await self._compared(kpi, periods, points, compare) if compare and points else None,
        )

    async def _compared(
        self, kpi: Kpi, periods: Periods, points: list[SeriesPoint], compare: Comparison
    ) -> list[ComparedPoint]:
        earlier = periods.previous() if compare == "previous_period" else periods.year_before()
        before = await self.reader.in_periods(kpi, earlier)
        return [compared(now, then) for now, then in zip(points, before, strict=True)]

    def _prepare(self, new: MeasurementCreate) -> NewMeasurement:
        measurement_id = self.work.ids()
        return NewMeasurement(
            id=measurement_id,
            kpi_id=new.kpi_id,
            dedupe_key=new.dedupe_key or str(measurement_id),
            measured_at=new.measured_at,
            value=Decimal(repr(new.value)),
            weight=Decimal(repr(new.denominator)),
            dimensions=new.dimensions,
        )

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


def _refusal(number: int, new: MeasurementCreate | Problem, kpis: Mapping[UUID, Kpi]) -> Line | None:
    if isinstance(new, Problem):
        return Line(number, new.status, problem=new)
    problem: Problem | None = None
    kpi = kpis.get(new.kpi_id)
    if kpi is None:
        problem = UnknownReference(errors=[FieldError("/kpi_id", "There is no such KPI.", "unknown")])
    elif kpi.kind != "simple":
        problem = Invalid(errors=[FieldError("/kpi_id", "This KPI is worked out from others.", "calculated")])
    return None if problem is None else Line(number, problem.status, problem=problem)


def _read(row: Measurement) -> MeasurementRead:
    return MeasurementRead(
        id=row.id,
        etag='"1"',
        created_at=row.received_at,
        updated_at=row.received_at,
        kpi_id=row.kpi_id,
        value=float(row.value),
        measured_at=row.measured_at,
        denominator=float(row.weight),
        dedupe_key=row.dedupe_key,
        dimensions=row.dimensions,
    )
