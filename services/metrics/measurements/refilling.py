"""The statements that add a cell up again from its rows: from a sum a figure could be taken, from a least it cannot."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.measurements.intake import execute, run
from services.metrics.models import Kpi

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

ADDED_UP_AGAIN = """
    SELECT count(*) AS measurements, sum(value) AS total, sum(weight) AS weight, min(value) AS least,
           max(value) AS greatest, max(measured_at) AS last_at,
           (array_agg(id ORDER BY measured_at DESC, id DESC))[1] AS last_id,
           (array_agg(value ORDER BY measured_at DESC, id DESC))[1] AS last_value
    FROM measurement
"""

# In place: a row that is deleted and made anew would be gone for whoever waits for its lock.
REFILL_CELL = """
UPDATE rollup SET
    measurements = whole.measurements, total = whole.total, weight = whole.weight, least = whole.least,
    greatest = whole.greatest, last_at = whole.last_at, last_id = whole.last_id, last_value = whole.last_value,
    changed_at = $4
FROM ({whole}
    WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3
      AND measured_at < $3::timestamptz + interval '15 minutes'
) AS whole
WHERE rollup.workspace_id = $1 AND rollup.kpi_id = $2 AND rollup.starts_at = $3
""".replace("{whole}", ADDED_UP_AGAIN)

LOCK_PARTS = """
SELECT dimension, part FROM dimension_rollup
WHERE workspace_id = $1 AND kpi_id = $2 AND day = ($3::timestamptz AT TIME ZONE $4)::date
  AND (dimension, part) IN (SELECT * FROM unnest($5::text[], $6::text[]))
ORDER BY dimension, part FOR UPDATE
"""

IN_PART = """
    WHERE workspace_id = $1 AND kpi_id = $2 AND dimensions @> jsonb_build_object($5::text, $6::text)
      AND measured_at >= ($3::timestamptz AT TIME ZONE $4)::date::timestamp AT TIME ZONE $4
      AND measured_at < (($3::timestamptz AT TIME ZONE $4)::date + 1)::timestamp AT TIME ZONE $4
"""
THIS_PART = """
WHERE p.workspace_id = $1 AND p.kpi_id = $2 AND p.dimension = $5 AND p.part = $6
  AND p.day = ($3::timestamptz AT TIME ZONE $4)::date
"""
REFILL_PART = """
UPDATE dimension_rollup AS p SET
    measurements = whole.measurements, total = whole.total, weight = whole.weight, least = whole.least,
    greatest = whole.greatest, last_at = whole.last_at, last_id = whole.last_id, last_value = whole.last_value
FROM ({whole}) AS whole {this} AND whole.measurements > 0
""".replace("{whole}", ADDED_UP_AGAIN + IN_PART).replace("{this}", THIS_PART)
DROP_EMPTY_PART = """
DELETE FROM dimension_rollup AS p {this} AND NOT EXISTS (SELECT FROM measurement {rows})
""".replace("{this}", THIS_PART).replace("{rows}", IN_PART)


async def lock_cell(session: AsyncSession, kpi_id: UUID, moment: datetime) -> datetime | None:
    """Hold the cell that a moment falls into, so that whoever adds to it waits; answers where it begins.

    None when somebody else has just taken the last of its measurements back.
    """
    cells = await execute(session, LOCK_CELL, session.info["workspace_id"], kpi_id, moment)
    return cells[0].starts_at if cells else None


async def refill_cell(session: AsyncSession, kpi_id: UUID, starts_at: datetime, *, now: datetime) -> None:
    """Add a locked cell up again from its rows; without any it goes."""
    workspace_id = session.info["workspace_id"]
    await run(session, DROP_EMPTY_CELL, workspace_id, kpi_id, starts_at)
    await run(session, REFILL_CELL, workspace_id, kpi_id, starts_at, now)


async def lock_parts(session: AsyncSession, kpi: Kpi, moment: datetime, dimensions: Mapping[str, str]) -> None:
    """Hold what these values of dimensions add up to on the day of a moment."""
    said = {name: value for name, value in dimensions.items() if name in kpi.dimensions}
    if said:
        day = session.info["workspace_id"], kpi.id, moment, kpi.time_zone
        await execute(session, LOCK_PARTS, *day, list(said), list(said.values()))


async def refill_parts(session: AsyncSession, kpi: Kpi, moment: datetime, dimensions: Mapping[str, str]) -> None:
    """Add these locked values up again from their rows; those without any go."""
    day = session.info["workspace_id"], kpi.id, moment, kpi.time_zone
    for name in sorted(dimensions.keys() & set(kpi.dimensions)):
        await run(session, DROP_EMPTY_PART, *day, name, dimensions[name])
        await run(session, REFILL_PART, *day, name, dimensions[name])
