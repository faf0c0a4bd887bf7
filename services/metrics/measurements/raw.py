"""Adds measurements up from their own rows: for what was not added up before, and for what was known earlier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain.rollups import Aggregation, Cell, Last
from services.metrics.measurements.intake import execute
from services.metrics.measurements.parts import Part
from services.metrics.measurements.periods import Periods
from services.metrics.models import Kpi

KNOWN_NOW = """
    SELECT id, measured_at, value, weight, subject FROM measurement
    WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3 AND measured_at < $4 AND dimensions @> $5::jsonb
"""
# What was known at $8: what had come by then and stands as it came, and what it was until it was revised later.
KNOWN_THEN = """
    {now} AND received_at <= $8 AND (corrected_at IS NULL OR corrected_at <= $8)
    UNION ALL
    SELECT measurement_id, measured_at, value, weight, subject FROM measurement_revision
    WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3 AND measured_at < $4 AND dimensions @> $5::jsonb
      AND known_from <= $8 AND known_until > $8
""".replace("{now}", KNOWN_NOW)
COUNTED = """
SELECT date_trunc($6, measured_at, $7) AS bucket, count(*) AS measurements, sum(value) AS total, sum(weight) AS weight,
       min(value) AS least, max(value) AS greatest,
       (array_agg(value ORDER BY measured_at DESC, id DESC))[1] AS last_value{more}
FROM ({known}) AS known GROUP BY 1
"""
MORE = {
    Aggregation.DISTINCT: ", count(DISTINCT subject)::numeric AS figure",
    Aggregation.PERCENTILE: ", percentile_disc({share!r}) WITHIN GROUP (ORDER BY value) AS figure",
}


@dataclass(frozen=True)
class Counted:
    """What the rows of one period come to."""

    cell: Cell
    figure: Decimal | None


async def count_rows(session: AsyncSession, kpi: Kpi, periods: Periods, part: Part) -> Mapping[datetime, Counted]:
    """Each period's rows, added up; exact, whatever the aggregation."""
    aggregation = Aggregation(kpi.aggregation)
    share = (kpi.percentile or 0) / 100
    more = MORE.get(aggregation, ", NULL::numeric AS figure").format(share=share)
    known, then = (KNOWN_NOW, ()) if part.as_of is None else (KNOWN_THEN, (part.as_of,))
    rows = await execute(
        session,
        COUNTED.format(more=more, known=known),
        session.info["workspace_id"],
        kpi.id,
        periods.starts[0],
        periods.ends[-1],
        msgspec.json.encode(part.said).decode(),
        periods.grain.value,
        periods.zone.key,
        *then,
    )
    return {row.bucket: _counted(row, aggregation) for row in rows}


def _counted(row: Any, aggregation: Aggregation) -> Counted:
    cell = Cell(
        count=row.measurements,
        total=row.total,
        weight=row.weight,
        least=row.least,
        greatest=row.greatest,
        last=Last(row.bucket, 0, row.last_value),
    )
    return Counted(cell, row.figure if aggregation in MORE else cell.value(aggregation))


# The sets of which a day's sketches are made: all measurements, and each value of each declared dimension.
SETS = """
SELECT '' AS dimension, '' AS part, count(*) AS measurements, array_agg({what}) FILTER (WHERE {what} IS NOT NULL) AS set
FROM measurement AS m
WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3 AND measured_at < $4 HAVING count(*) > 0
UNION ALL
SELECT said.key, said.value, count(*), array_agg({what}) FILTER (WHERE {what} IS NOT NULL)
FROM measurement AS m CROSS JOIN LATERAL jsonb_each_text(m.dimensions) AS said
WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3 AND measured_at < $4 AND said.key = ANY ($5::text[])
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class DaySet:
    """What one sketch is made of."""

    dimension: str
    part: str
    measurements: int
    members: list[float]


async def sets_of(session: AsyncSession, kpi: Kpi, *, since: datetime, until: datetime) -> list[DaySet]:
    """The sets of one day; of subjects each once."""
    what = "DISTINCT m.subject" if kpi.aggregation == Aggregation.DISTINCT else "m.value::float8"
    statement = SETS.format(what=what).replace("(WHERE DISTINCT ", "(WHERE ")
    rows = await execute(session, statement, session.info["workspace_id"], kpi.id, since, until, list(kpi.dimensions))
    return [DaySet(row.dimension, row.part, row.measurements, row.set or []) for row in rows]


async def first_row(session: AsyncSession, kpi_id: UUID) -> datetime | None:
    """When the oldest measurement was made whose row is still kept."""
    statement = "SELECT min(measured_at) AS first FROM measurement WHERE workspace_id = $1 AND kpi_id = $2"
    ((first,),) = await execute(session, statement, session.info["workspace_id"], kpi_id)
    found: datetime | None = first
    return found
