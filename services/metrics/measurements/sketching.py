"""Keeps sketches in step with measurements, day by day, in the background; a child does the computing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.rounds import rounds, workspaces_with
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.sketches import Question
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import execute, run
from services.metrics.measurements.raw import DaySet, sets_of
from services.metrics.models import Kpi

TOPIC = "dirty_days"
LOOK_S = 10.0
AT_ONCE = 50
SKETCH_ALL = "services.metrics.domain.sketches:sketch_all"

DIRTY = "SELECT kpi_id, day, marks FROM dirty_day WHERE workspace_id = $1 ORDER BY day DESC, kpi_id LIMIT $2"
KEEP = """
INSERT INTO sketch (workspace_id, kpi_id, dimension, part, day, measurements, content)
SELECT $1, $2, dimension, part, $3, measurements, content
FROM unnest($4::text[], $5::text[], $6::bigint[], $7::bytea[]) AS made (dimension, part, measurements, content)
"""
# Of two who sketch the same day the second finds it clean, and must not put older figures in place of newer ones.
STILL_DIRTY = "SELECT marks FROM dirty_day WHERE workspace_id = $1 AND kpi_id = $2 AND day = $3 FOR UPDATE"
FORGET = "DELETE FROM sketch WHERE workspace_id = $1 AND kpi_id = $2 AND day = $3"
# Unless something came meanwhile: then the day is looked at once more.
CLEAN = "DELETE FROM dirty_day WHERE workspace_id = $1 AND kpi_id = $2 AND day = $3 AND marks = $4"

log = structlog.get_logger(__name__)


async def sketch_dirty_days(context: MetricsContext) -> int:
    """Sketch what is dirty in every workspace, newest days first; answers how many days that were."""
    done = 0
    for workspace_id in await workspaces_with(context, "dirty_days"):
        while count := await _sketch_some(context, workspace_id):
            done += count
    return done


async def _sketch_some(context: MetricsContext, workspace_id: UUID) -> int:
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        dirty = await execute(session, DIRTY, workspace_id, AT_ONCE)
        kpis = await KpiRepository(session).by_ids({row.kpi_id for row in dirty})
    for row in dirty:
        await sketch_day(context, kpis[row.kpi_id], row.day, marks=row.marks)
    return len(dirty)


async def sketch_day(context: MetricsContext, kpi: Kpi, day: date, *, marks: int) -> None:
    """Read the day's rows, compute with no transaction open, then keep; what comes meanwhile leaves the day dirty."""
    since, until = day_of(kpi, day)
    async with context.database.session(workspace_id=kpi.workspace_id, read_only=True) as session:
        sets = await sets_of(session, kpi, since=since, until=until)
    question = Question(kpi.aggregation, [each.members for each in sets])
    contents: Sequence[bytes] = await context.analyst.call(SKETCH_ALL, question) if sets else []
    async with context.database.transaction(workspace_id=kpi.workspace_id) as session:
        await _keep(session, kpi, day, sets, contents)
        await run(session, CLEAN, kpi.workspace_id, kpi.id, day, marks)


async def _keep(session: AsyncSession, kpi: Kpi, day: date, sets: Sequence[DaySet], contents: Sequence[bytes]) -> None:
    mine = kpi.workspace_id, kpi.id, day
    is_there = await KpiRepository(session).held_for_intake([kpi.id])
    if not is_there or not await execute(session, STILL_DIRTY, *mine):
        return
    await run(session, FORGET, *mine)
    columns = (
        [each.dimension for each in sets],
        [each.part for each in sets],
        [each.measurements for each in sets],
        list(contents),
    )
    await run(session, KEEP, *mine, *columns)


def day_of(kpi: Kpi, day: date) -> tuple[datetime, datetime]:
    """Where a day begins and ends where the KPI lives."""
    zone = ZoneInfo(kpi.time_zone)
    ends = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + timedelta(days=1)))
    since, until = ends
    return since, until


sketching = rounds("sketches", sketch_dirty_days, every_s=LOOK_S, topic=TOPIC)
