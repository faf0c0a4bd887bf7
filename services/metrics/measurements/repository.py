"""The SQL that reads measurements and what they add up to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Row, Select, cast, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.chassis.repository import Repository
from services.metrics.domain.rollups import Aggregation, Cell, Last
from services.metrics.kpis.calculations import read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.journeys import JourneyReader
from services.metrics.measurements.periods import Periods
from services.metrics.models import DimensionRollup, Kpi, Measurement, MeasurementKey, MeasurementRevision, Rollup


class MeasurementRepository(Repository[Measurement]):
    model: ClassVar[Any] = Measurement

    async def cells(self, kpi: Kpi, periods: Periods) -> dict[datetime, Cell]:
        """What was measured in each period, by its beginning; only where anything was."""
        bucket = func.date_trunc(periods.grain.value, Rollup.starts_at, literal(periods.zone.key)).label("bucket")
        query = (
            added_up(Rollup, bucket, has_last=kpi.aggregation == Aggregation.LAST)
            .where(*self._of(kpi.id), Rollup.starts_at >= periods.starts[0], Rollup.starts_at < periods.ends[-1])
            .group_by(text("bucket"))
        )
        return {row.bucket: cell_of(row) for row in (await self.session.execute(query)).all()}

    async def parts(self, kpi: Kpi, periods: Periods, *, dimension: str, part: str) -> dict[datetime, Cell]:
        """The same for one value of a declared dimension; periods are of whole days where the KPI lives."""
        day = func.date_trunc(periods.grain.value, cast(DimensionRollup.day, DateTime))
        bucket = func.timezone(periods.zone.key, day).label("bucket")
        query = (
            added_up(DimensionRollup, bucket, has_last=kpi.aggregation == Aggregation.LAST)
            .where(*self._in_days(DimensionRollup, [kpi.id], periods))
            .where(DimensionRollup.dimension == dimension, DimensionRollup.part == part)
            .group_by(text("1"))
        )
        return {row.bucket: cell_of(row) for row in (await self.session.execute(query)).all()}

    async def values_of(self, kpi_id: UUID, periods: Periods, *, dimension: str, most: int) -> dict[str, int]:
        """The values of a dimension that were said most, and how often, of the KPI or of what it is worked out from."""
        count = func.sum(DimensionRollup.measurements)
        below = KpiRepository(self.session).measured_below(kpi_id)
        query = (
            select(DimensionRollup.part, count)
            .where(*self._in_days(DimensionRollup, below, periods), DimensionRollup.dimension == dimension)
            .group_by(DimensionRollup.part)
            .order_by(count.desc(), DimensionRollup.part)
        )
        return {part: int(said) for part, said in await self.session.execute(query.limit(most))}

    def _in_days(self, model: Any, kpi_ids: Any, periods: Periods) -> Sequence[Any]:
        first, end = (each.astimezone(periods.zone).date() for each in (periods.starts[0], periods.ends[-1]))
        return model.workspace_id == self.workspace_id, model.kpi_id.in_(kpi_ids), model.day >= first, model.day < end

    async def free_key(self, measurement: Measurement) -> None:
        """Let the dedupe key be used again."""
        await self.session.execute(
            delete(MeasurementKey).where(
                MeasurementKey.workspace_id == self.workspace_id,
                MeasurementKey.kpi_id == measurement.kpi_id,
                MeasurementKey.dedupe_key == measurement.dedupe_key,
            )
        )

    async def cell_before(self, kpi: Kpi, moment: datetime) -> Cell:
        """Everything that was measured before a quarter of an hour begins."""
        query = added_up(Rollup, has_last=kpi.aggregation == Aggregation.LAST)
        query = query.where(*self._of(kpi.id), Rollup.starts_at < moment)
        row = (await self.session.execute(query)).one()
        return cell_of(row) if row.measurements else Cell()

    async def last_before(self, kpi_id: UUID, moment: datetime) -> Cell:
        """The last quarter of an hour with a measurement before `moment`, or an empty cell."""
        query = select(Rollup).where(*self._of(kpi_id), Rollup.starts_at < moment)
        row = (await self.session.scalars(query.order_by(Rollup.starts_at.desc()).limit(1))).one_or_none()
        return cell_of(row) if row is not None else Cell()

    async def span(self, kpi_id: UUID) -> tuple[datetime | None, datetime | None]:
        """The first and the last quarter of an hour with a measurement, of the KPI or of what it is worked out from."""
        measured = KpiRepository(self.session).measured_below(kpi_id)
        ends = select(func.min(Rollup.starts_at), func.max(Rollup.starts_at))
        mine = Rollup.workspace_id == self.workspace_id, Rollup.kpi_id.in_(measured)
        row = (await self.session.execute(ends.where(*mine))).one()
        if row[0] is None and (kpi := await KpiRepository(self.session).find(kpi_id)) is not None:
            return await JourneyReader(self.session).span(read_calculation(kpi.calculation))
        return row[0], row[1]

    def _of(self, kpi_id: UUID) -> Sequence[Any]:
        return Rollup.workspace_id == self.workspace_id, Rollup.kpi_id == kpi_id


class RevisionRepository(Repository[MeasurementRevision]):
    model: ClassVar[Any] = MeasurementRevision

    def search(self, *, kpi_id: UUID | None, measurement_id: UUID | None) -> Select[MeasurementRevision]:
        wanted = {"kpi_id": kpi_id, "measurement_id": measurement_id}
        return self.rows().where(
            *(getattr(MeasurementRevision, name) == value for name, value in wanted.items() if value is not None)
        )


def added_up(model: Any, *columns: Any, has_last: bool) -> Select[Any]:
    """What rows of a table that adds up come to, for each of the columns.

    The last of the figures is looked for only where it is asked for: rows have to be sorted for it.
    """
    query = select(
        *columns,
        func.sum(model.measurements).label("measurements"),
        func.sum(model.total).label("total"),
        func.sum(model.weight).label("weight"),
        func.min(model.least).label("least"),
        func.max(model.greatest).label("greatest"),
    )
    latest = (model.last_at.desc(), model.last_id.desc())
    lasts = (
        func.array_agg(aggregate_order_by(getattr(model, name), *latest))[1].label(name)
        for name in ("last_at", "last_id", "last_value")
    )
    return query.add_columns(*lasts) if has_last else query


def cell_of(row: Row[Any] | Rollup) -> Cell:
    """One such row."""
    last_at = getattr(row, "last_at", None)
    return Cell(
        count=int(row.measurements),
        total=row.total,
        weight=row.weight,
        least=row.least,
        greatest=row.greatest,
        last=None if last_at is None else Last(last_at, row.last_id.int, row.last_value),
    )
