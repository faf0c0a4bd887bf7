"""Adds everything up again from the rows, as far back as there are rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain.rollups import SKETCHED
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import execute, run
from services.metrics.models import Kpi

SUMS = "measurements, total, weight, least, greatest, last_at, last_id, last_value"
SUMMED = """
    count(*), sum(m.value), sum(m.weight), min(m.value), max(m.value), max(m.measured_at),
    (array_agg(m.id ORDER BY m.measured_at DESC, m.id DESC))[1],
    (array_agg(m.value ORDER BY m.measured_at DESC, m.id DESC))[1]
"""
FIRST = "SELECT min(measured_at) AS first FROM measurement WHERE workspace_id = $1 AND kpi_id = $2"
CELLS = """
INSERT INTO rollup (workspace_id, kpi_id, starts_at, {SUMS}, changed_at)
SELECT $1, $2, date_bin('15 minutes', measured_at, '2000-01-01Z'), {SUMMED}, $4
FROM measurement AS m WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3 GROUP BY 3
""".replace("{SUMS}", SUMS).replace("{SUMMED}", SUMMED)
PARTS = """
INSERT INTO dimension_rollup (workspace_id, kpi_id, dimension, part, day, {SUMS})
SELECT $1, $2, said.key, said.value, (m.measured_at AT TIME ZONE $4)::date, {SUMMED}
FROM measurement AS m CROSS JOIN LATERAL jsonb_each_text(m.dimensions) AS said
WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3 AND said.key = ANY ($5::text[]) GROUP BY 3, 4, 5
""".replace("{SUMS}", SUMS).replace("{SUMMED}", SUMMED)
FORGET_PARTS = """
DELETE FROM dimension_rollup
WHERE workspace_id = $1 AND kpi_id = $2 AND day >= ($3::timestamptz AT TIME ZONE $4)::date
"""
FORGET_SKETCHES = """
DELETE FROM sketch WHERE workspace_id = $1 AND kpi_id = $2 AND day >= ($3::timestamptz AT TIME ZONE $4)::date
"""
DIRTY = """
INSERT INTO dirty_day (workspace_id, kpi_id, day, marks)
SELECT DISTINCT $1::uuid, $2::uuid, (measured_at AT TIME ZONE $4)::date, 1
FROM measurement WHERE workspace_id = $1 AND kpi_id = $2 AND measured_at >= $3
ON CONFLICT (workspace_id, kpi_id, day) DO UPDATE SET marks = dirty_day.marks + 1
"""


async def rebuild(session: AsyncSession, kpi_id: UUID, *, now: datetime) -> int:
    """Add one KPI up again while nobody adds to it; answers how many measurements it has. Raises NotFound.

    What is older than the oldest row stays as it is: its rows have been let go.
    """
    kpi = await KpiRepository(session).get(kpi_id, lock=True)
    mine = kpi.workspace_id, kpi.id
    ((first,),) = await execute(session, FIRST, *mine)
    if first is None:
        return 0
    since = first.replace(minute=first.minute - first.minute % 15, second=0, microsecond=0)
    await run(session, "DELETE FROM rollup WHERE workspace_id = $1 AND kpi_id = $2 AND starts_at >= $3", *mine, since)
    await run(session, CELLS, *mine, since, now)
    await _rebuild_days(session, kpi, since)
    counted = "SELECT sum(measurements) AS count FROM rollup WHERE workspace_id = $1 AND kpi_id = $2"
    ((count,),) = await execute(session, counted, *mine)
    return int(count)


async def _rebuild_days(session: AsyncSession, kpi: Kpi, since: datetime) -> None:
    mine = kpi.workspace_id, kpi.id
    for forget in (FORGET_PARTS, FORGET_SKETCHES):
        await run(session, forget, *mine, since, kpi.time_zone)
    if kpi.dimensions:
        await run(session, PARTS, *mine, since, kpi.time_zone, list(kpi.dimensions))
    if kpi.aggregation in SKETCHED:
        await run(session, DIRTY, *mine, since, kpi.time_zone)
