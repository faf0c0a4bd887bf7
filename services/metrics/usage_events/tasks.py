"""Counts the events that came before a KPI did."""

from typing import cast
from uuid import UUID

from services.chassis.context import ServiceContext
from services.chassis.jobs import Jobs
from services.metrics.clients.context import MetricsContext
from services.metrics.kpis.calculations import EventSource, Simple, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.kpis.service import COUNT_EARLIER
from services.metrics.measurements.sketching import TOPIC
from services.metrics.usage_events.counting import count_events
from services.metrics.usage_events.repository import UsageEventRepository

AT_ONCE = 2_000

jobs = Jobs()


@jobs.job(COUNT_EARLIER)
async def count_earlier_events(context: ServiceContext, *, workspace_id: str, kpi_id: str) -> None:
    """Piece by piece; what was counted already is not counted again, so a killed job may begin anew."""
    metrics, after = cast("MetricsContext", context), None
    while True:
        async with context.database.transaction(workspace_id=UUID(workspace_id)) as session:
            kpi = await KpiRepository(session).find(UUID(kpi_id))
            calculation = read_calculation(kpi.calculation) if kpi else None
            source = calculation.source if isinstance(calculation, Simple) else None
            if kpi is None or not isinstance(source, EventSource):
                return
            events = await UsageEventRepository(session).named(source.event, after=after, limit=AT_ONCE)
            await count_events(session, events, [kpi], new_id=metrics.ids, now=metrics.clock.now())
        if not events:
            break
        after = events[-1].id
    context.signal(TOPIC)
