"""The SQL that reads measurements and what they add up to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.chassis.repository import Repository
from services.metrics.domain.rollups import Cell, Last
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.periods import Periods
from services.metrics.models import Measurement, Rollup

LATEST = (Rollup.last_at.desc(), Rollup.last_id.desc())


class MeasurementRepository(Repository[Measurement]):
    model: ClassVar[Any] = Measurement

    async def cells(self, kpi_id: UUID, periods: Periods) -> dict[datetime, Cell]:
        """What was measured in each period, by its beginning; only where anything was."""
        bucket = func.date_trunc(periods.grain.value, Rollup.starts_at, literal(periods.zone.key)).label("bucket")
        query = (
            _added_up(bucket)
            .where(*self._of(kpi_id), Rollup.starts_at >= periods.starts[0], Rollup.starts_at < periods.ends[-1])
            .group_by(text("bucket"))
        )
        return {row.bucket: _cell(row) for row in (await self.session.execute(query)).all()}

    async def cell_before(self, kpi_id: UUID, moment: datetime) -> Cell:
        """Everything that was measured before a quarter of an hour begins."""
        row = (await self.session.execute(_added_up().where(*self._of(kpi_id), Rollup.starts_at < moment))).one()
        return _cell(row) if row.measurements else Cell()

    async def last_before(self, kpi_id: UUID, moment: datetime) -> Cell:
        """The last quarter of an hour with a measurement before `moment`, or an empty cell."""
        query = select(Rollup).where(*self._of(kpi_id), Rollup.starts_at < moment)
        row = (await self.session.scalars(query.order_by(Rollup.starts_at.desc()).limit(1))).one_or_none()
        return _cell(row) if row is not None else Cell()

    async def span(self, kpi_id: UUID) -> tuple[datetime | None, datetime | None]:
        """The first and the last quarter of an hour with a measurement, of the KPI or of what it is worked out from."""
        measured = KpiRepository(self.session).measured_below(kpi_id)
        ends = select(func.min(Rollup.starts_at), func.max(Rollup.starts_at))
        mine = Rollup.workspace_id == self.workspace_id, Rollup.kpi_id.in_(measured)
        row = (await self.session.execute(ends.where(*mine))).one()
        return row[0], row[1]

    def _of(self, kpi_id: UUID) -> Sequence[Any]:
        return Rollup.workspace_id == self.workspace_id, Rollup.kpi_id == kpi_id


def _added_up(*columns: Any) -> Select[Any]:
    return select(
        *columns,
        func.sum(Rollup.measurements).label("measurements"),
        func.sum(Rollup.total).label("total"),
        func.sum(Rollup.weight).label("weight"),
        func.min(Rollup.least).label("least"),
        func.max(Rollup.greatest).label("greatest"),
        *(_latest(column).label(column.key) for column in (Rollup.last_at, Rollup.last_id, Rollup.last_value)),
    )


def _latest(column: Any) -> Any:
    return func.array_agg(aggregate_order_by(column, *LATEST))[1]


def _cell(row: Row[Any] | Rollup) -> Cell:
    return Cell(
        count=int(row.measurements),
        total=row.total,
        weight=row.weight,
        least=row.least,
        greatest=row.greatest,
        last=Last(row.last_at, row.last_id.int, row.last_value),
    )
