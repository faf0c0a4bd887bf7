"""The statement that takes measurements in: insert once, add up what was new, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class NewMeasurement:
    """A measurement about to be kept."""

    id: UUID
    kpi_id: UUID
    dedupe_key: str
    measured_at: datetime
    value: Decimal
    weight: Decimal
    dimensions: dict[str, str]


# One statement, so what is added up is exactly what was inserted. Rows come sorted by key, so that two batches that
# overlap wait for one another instead of locking each other out.
TAKE_IN = """
WITH incoming AS MATERIALIZED (
    SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::numeric[], $8::numeric[],
                         $9::text[])
         WITH ORDINALITY AS new (id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, place)
), added AS (
    INSERT INTO measurement (workspace_id, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions, received_at)
    SELECT $1, id, kpi_id, dedupe_key, measured_at, value, weight, dimensions::jsonb, $2
    FROM incoming ORDER BY place
    ON CONFLICT (workspace_id, kpi_id, dedupe_key) DO NOTHING
    RETURNING id, kpi_id, measured_at, value, weight
), rolled AS (
    INSERT INTO rollup (workspace_id, kpi_id, starts_at, measurements, total, weight, least, greatest, last_at,
                        last_id, last_value, changed_at)
    SELECT $1, kpi_id, date_bin('15 minutes', measured_at, '2000-01-01Z'), count(*), sum(value), sum(weight),
           min(value), max(value), max(measured_at),
           (array_agg(id ORDER BY measured_at DESC, id DESC))[1],
           (array_agg(value ORDER BY measured_at DESC, id DESC))[1], $2
    FROM added GROUP BY 2, 3 ORDER BY 2, 3
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
SELECT id FROM added
"""

KNOWN_ALREADY = """
SELECT wanted.place, held.id, held.measured_at, held.value, held.weight
FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS wanted (kpi_id, dedupe_key, place)
JOIN measurement AS held
  ON held.workspace_id = $1 AND held.kpi_id = wanted.kpi_id AND held.dedupe_key = wanted.dedupe_key
"""

# What a cell adds up to, from its rows: for a sum a figure could be taken off, for a least or a last one it could not.
LOCK_CELL = """
SELECT starts_at FROM rollup
WHERE workspace_id = $1 AND kpi_id = $2 AND starts_at = date_bin('15 minutes', $3::timestamptz, '2000-01-01Z')
FOR UPDATE
"""

DROP_EMPTY_CELL = """
DELETE FROM rollup
WHERE workspace_id = $1 AND kpi_id = $2 AND starts_at = $3 AND NOT EXISTS (
    SELECT FROM measurement
    WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3
      AND measured_at < $3::timestamptz + interval '15 minutes'
)
"""

# In place: a row that is deleted and made anew would be gone for whoever waits for its lock.
REFILL_CELL = """
UPDATE rollup SET
    measurements = whole.measurements, total = whole.total, weight = whole.weight, least = whole.least,
    greatest = whole.greatest, last_at = whole.last_at, last_id = whole.last_id, last_value = whole.last_value,
    changed_at = $4
FROM (
    SELECT count(*) AS measurements, sum(value) AS total, sum(weight) AS weight, min(value) AS least,
           max(value) AS greatest, max(measured_at) AS last_at,
           (array_agg(id ORDER BY measured_at DESC, id DESC))[1] AS last_id,
           (array_agg(value ORDER BY measured_at DESC, id DESC))[1] AS last_value
    FROM measurement
    WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3
      AND measured_at < $3::timestamptz + interval '15 minutes'
) AS whole
WHERE rollup.workspace_id = $1 AND rollup.kpi_id = $2 AND rollup.starts_at = $3
"""


async def lock_cell(session: AsyncSession, kpi_id: UUID, moment: datetime) -> datetime | None:
    """Hold the cell that a moment falls into, so that whoever adds to it waits; answers where it begins.

    None when somebody else has just taken the last of its measurements back.
    """
    cells = await _execute(session, LOCK_CELL, session.info["workspace_id"], kpi_id, moment)
    return cells[0].starts_at if cells else None


async def refill_cell(session: AsyncSession, kpi_id: UUID, starts_at: datetime, *, now: datetime) -> None:
    """Add a locked cell up again from its rows; without any it goes."""
    workspace_id = session.info["workspace_id"]
    connection = await session.connection()
    await connection.exec_driver_sql(DROP_EMPTY_CELL, (workspace_id, kpi_id, starts_at))
    await connection.exec_driver_sql(REFILL_CELL, (workspace_id, kpi_id, starts_at, now))


async def take_in(session: AsyncSession, new: Sequence[NewMeasurement], *, now: datetime) -> set[UUID]:
    """Insert what is new by its dedupe key and add it up; answers the ids that were. Their KPIs must exist."""
    new = sorted(new, key=lambda each: (each.kpi_id, each.dedupe_key, each.id))
    columns = (
        [each.id for each in new],
        [each.kpi_id for each in new],
        [each.dedupe_key for each in new],
        [each.measured_at for each in new],
        [each.value for each in new],
        [each.weight for each in new],
        [msgspec.json.encode(each.dimensions).decode() for each in new],
    )
    rows = await _execute(session, TAKE_IN, session.info["workspace_id"], now, *columns)
    return {row.id for row in rows}


async def held_instead(session: AsyncSession, refused: Sequence[NewMeasurement]) -> list[tuple[NewMeasurement, Any]]:
    """For measurements whose dedupe key was known: each with the row that was kept under it."""
    keys = [each.kpi_id for each in refused], [each.dedupe_key for each in refused]
    rows = await _execute(session, KNOWN_ALREADY, session.info["workspace_id"], *keys)
    return [(refused[row.place - 1], row) for row in rows]


def is_same(new: NewMeasurement, held: Any) -> bool:
    """Whether what was sent again says the same."""
    return (new.measured_at, new.value, new.weight) == (held.measured_at, held.value, held.weight)


async def _execute(session: AsyncSession, statement: str, *parameters: Any) -> Sequence[Any]:
    connection = await session.connection()
    return (await connection.exec_driver_sql(statement, parameters)).all()
