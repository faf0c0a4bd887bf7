"""The statements that take measurements in: insert once, add up what was new, all in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain.rollups import SKETCHED
from services.metrics.models import Kpi


class NewMeasurement(msgspec.Struct, gc=False, eq=False):
    """A measurement about to be kept."""

    id: UUID
    kpi_id: UUID
    dedupe_key: str
    measured_at: datetime
    value: float
    weight: float
    dimensions: dict[str, str]
    subject: int | None = None


# One statement, so what is added up is exactly what was inserted. Rows come sorted by key, so that two batches that
# overlap wait for one another instead of locking each other out. Figures come as text, which the driver encodes ten
# times as fast as decimals.
TAKE_IN = """
WITH incoming AS MATERIALIZED (
    SELECT id, kpi_id, dedupe_key, measured_at, value::numeric, weight::numeric, dimensions::jsonb, subject, place
    FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
                $10::bigint[])
         WITH ORDINALITY AS new (id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, subject, place)
), keyed AS (
    INSERT INTO measurement_key (workspace_id, kpi_id, dedupe_key, id, measured_at)
    SELECT $1, kpi_id, dedupe_key, id, measured_at FROM incoming ORDER BY place
    ON CONFLICT (workspace_id, kpi_id, dedupe_key) DO NOTHING
    RETURNING id
), fresh AS MATERIALIZED (
    SELECT incoming.* FROM incoming JOIN keyed USING (id)
), added AS (
    INSERT INTO measurement (workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, received_at,
                             subject, version)
    SELECT $1, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, $2, subject, 1 FROM fresh
), rolled AS (
    INSERT INTO rollup (workspace_id, kpi_id, starts_at, measurements, total, weight, least, greatest, last_at,
                        last_id, last_value, changed_at)
    SELECT $1, kpi_id, date_bin('15 minutes', measured_at, '2000-01-01Z'), count(*), sum(value), sum(weight),
           min(value), max(value), max(measured_at),
           (array_agg(id ORDER BY measured_at DESC, id DESC))[1],
           (array_agg(value ORDER BY measured_at DESC, id DESC))[1], $2
    FROM fresh GROUP BY 2, 3 ORDER BY 2, 3
    ON CONFLICT (workspace_id, kpi_id, starts_at) DO UPDATE SET
        measurements = rollup.measurements + excluded.measurements,
        total = rollup.total + excluded.total,
        weight = rollup.weight + excluded.weight,
        least = least(rollup.least, excluded.least),
        greatest = greatest(rollup.greatest, excluded.greatest),
        (last_at, last_id, last_value) = (
            SELECT at, id, value FROM (VALUES
                (rollup.last_at, rollup.last_id, rollup.last_value),
                (excluded.last_at, excluded.last_id, excluded.last_value)
            ) AS either (at, id, value) ORDER BY at DESC, id DESC LIMIT 1
        ),
        changed_at = excluded.changed_at
)
SELECT array_agg(place::integer) AS places FROM fresh
"""

# What the measurements with these ids add up to, per value of each dimension that their KPI declares.
ROLL_DIMENSIONS = """
INSERT INTO dimension_rollup (workspace_id, kpi_id, dimension, part, day, measurements, total, weight, least, greatest,
                              last_at, last_id, last_value)
SELECT $1, m.kpi_id, said.key, said.value, (m.measured_at AT TIME ZONE kpi.time_zone)::date, count(*), sum(m.value),
       sum(m.weight), min(m.value), max(m.value), max(m.measured_at),
       (array_agg(m.id ORDER BY m.measured_at DESC, m.id DESC))[1],
       (array_agg(m.value ORDER BY m.measured_at DESC, m.id DESC))[1]
FROM measurement AS m
JOIN kpi ON kpi.workspace_id = m.workspace_id AND kpi.id = m.kpi_id
CROSS JOIN LATERAL jsonb_each_text(m.dimensions) AS said
WHERE m.workspace_id = $1 AND m.id = ANY ($2::uuid[]) AND m.measured_at BETWEEN $3 AND $4
  AND kpi.dimensions ? said.key
GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
ON CONFLICT (workspace_id, kpi_id, dimension, part, day) DO UPDATE SET
    measurements = dimension_rollup.measurements + excluded.measurements,
    total = dimension_rollup.total + excluded.total,
    weight = dimension_rollup.weight + excluded.weight,
    least = least(dimension_rollup.least, excluded.least),
    greatest = greatest(dimension_rollup.greatest, excluded.greatest),
    (last_at, last_id, last_value) = (
        SELECT at, id, value FROM (VALUES
            (dimension_rollup.last_at, dimension_rollup.last_id, dimension_rollup.last_value),
            (excluded.last_at, excluded.last_id, excluded.last_value)
        ) AS either (at, id, value) ORDER BY at DESC, id DESC LIMIT 1
    )
"""

MARK_DIRTY = """
INSERT INTO dirty_day (workspace_id, kpi_id, day, marks)
SELECT DISTINCT $1::uuid, kpi.id, (moment AT TIME ZONE kpi.time_zone)::date, 1
FROM unnest($2::uuid[], $3::timestamptz[]) AS touched (kpi_id, moment)
JOIN kpi ON kpi.workspace_id = $1 AND kpi.id = touched.kpi_id
ORDER BY 2, 3
ON CONFLICT (workspace_id, kpi_id, day) DO UPDATE SET marks = dirty_day.marks + 1
"""

KNOWN_ALREADY = """
SELECT wanted.place, held.id, held.measured_at, held.value, held.weight
FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS wanted (kpi_id, dedupe_key, place)
JOIN measurement_key AS key
  ON key.workspace_id = $1 AND key.kpi_id = wanted.kpi_id AND key.dedupe_key = wanted.dedupe_key
JOIN measurement AS held
  ON held.workspace_id = $1 AND held.id = key.id AND held.measured_at = key.measured_at
"""


async def take_in(
    session: AsyncSession, new: Sequence[NewMeasurement], *, kpis: Collection[Kpi], now: datetime
) -> list[NewMeasurement]:
    """Insert what is new by its dedupe key and add it up; answers what was. The session holds the KPIs' rows."""
    new = sorted(new, key=lambda each: (each.kpi_id.bytes, each.dedupe_key, each.id.bytes))
    encode = msgspec.json.Encoder().encode
    columns = (
        [each.id for each in new],
        [each.kpi_id for each in new],
        [each.dedupe_key for each in new],
        [each.measured_at for each in new],
        [repr(each.value) for each in new],
        [repr(each.weight) for each in new],
        [encode(each.dimensions).decode() if each.dimensions else "{}" for each in new],
        [each.subject for each in new],
    )
    ((places,),) = await execute(session, TAKE_IN, session.info["workspace_id"], now, *columns)
    added = [new[place - 1] for place in places or ()]
    await _roll_parts(session, added, kpis)
    return added


async def _roll_parts(session: AsyncSession, added: Sequence[NewMeasurement], kpis: Collection[Kpi]) -> None:
    """What takes more than cells: declared dimensions, and the days whose sketches are no longer whole."""
    workspace_id = session.info["workspace_id"]
    split = {kpi.id for kpi in kpis if kpi.dimensions}
    told = [each for each in added if each.kpi_id in split and each.dimensions]
    if told:
        times = [each.measured_at for each in told]
        await run(session, ROLL_DIMENSIONS, workspace_id, [each.id for each in told], min(times), max(times))
    sketched = {kpi.id for kpi in kpis if kpi.aggregation in SKETCHED}
    touched = [(each.kpi_id, each.measured_at) for each in added if each.kpi_id in sketched]
    if touched:
        await mark_dirty(session, touched)


async def mark_dirty(session: AsyncSession, touched: Sequence[tuple[UUID, datetime]]) -> None:
    """The days of these moments need new sketches."""
    ids, times = [kpi_id for kpi_id, _ in touched], [moment for _, moment in touched]
    await run(session, MARK_DIRTY, session.info["workspace_id"], ids, times)


async def held_instead(session: AsyncSession, refused: Sequence[NewMeasurement]) -> list[tuple[NewMeasurement, Any]]:
    """For measurements whose dedupe key was known: each with the row that was kept under it."""
    keys = [each.kpi_id for each in refused], [each.dedupe_key for each in refused]
    rows = await execute(session, KNOWN_ALREADY, session.info["workspace_id"], *keys)
    return [(refused[row.place - 1], row) for row in rows]


def is_same(new: NewMeasurement, held: Any) -> bool:
    """Whether what was sent again says the same."""
    figures = Decimal(repr(new.value)), Decimal(repr(new.weight))
    return (new.measured_at, *figures) == (held.measured_at, held.value, held.weight)


async def execute(session: AsyncSession, statement: str, *parameters: Any) -> Sequence[Any]:
    """Run a statement of the driver's own, past the ORM, and answer its rows."""
    connection = await session.connection()
    return (await connection.exec_driver_sql(statement, parameters)).all()


async def run(session: AsyncSession, statement: str, *parameters: Any) -> None:
    """Run a statement of the driver's own that answers nothing."""
    connection = await session.connection()
    await connection.exec_driver_sql(statement, parameters)
