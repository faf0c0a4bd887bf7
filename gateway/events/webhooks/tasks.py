"""What runs beside the requests: deliveries as jobs, and a look now and then at what was left lying."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import text

from gateway.events.webhooks.courier import Courier
from gateway.events.webhooks.queue import DELIVER, ask_for_delivery
from services.chassis.context import ServiceContext
from services.chassis.jobs import Jobs
from services.chassis.outbound.client import OutboundClient, outbound_client

LOOK_S = 60.0
OVERDUE = timedelta(minutes=2)
PURGE_EVERY = timedelta(hours=1)

FIND_OVERDUE = text("SELECT workspace_id, webhook_id FROM find_overdue_webhooks(:due)")
PURGE = text("SELECT purge_event_log(:before)")

log = structlog.get_logger(__name__)


class Deliveries:
    """A background part, to be entered before the worker that does its jobs."""

    def __init__(self) -> None:
        self.jobs = Jobs()
        self.jobs.job(DELIVER)(self._deliver)
        self._client: OutboundClient | None = None

    @asynccontextmanager
    async def __call__(self, context: ServiceContext) -> AsyncIterator[None]:
        async with outbound_client(environment=context.settings.environment) as self._client:
            keeping = asyncio.create_task(self._keep(context))
            try:
                yield
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)

    async def _deliver(self, context: ServiceContext, *, workspace_id: str, webhook_id: str) -> None:
        if self._client is None:
            raise RuntimeError("deliveries are worked on only while their background part runs")
        await Courier(context, self._client, UUID(workspace_id), UUID(webhook_id)).run()

    async def _keep(self, context: ServiceContext) -> None:
        purged_at = None
        while context.settings.role != "api":
            try:
                if await context.wakeup.lead("event-log-upkeep"):
                    await ask_for_overdue(context)
                    now = context.clock.now()
                    if purged_at is None or now - purged_at >= PURGE_EVERY:
                        await purge(context)
                        purged_at = now
            except Exception as fault:  # noqa: BLE001 -- whatever it was, the next round is wanted
                log.warning("event_log.upkeep_failed", error=type(fault).__name__)
            await asyncio.sleep(LOOK_S)


async def ask_for_overdue(context: ServiceContext) -> int:
    """Ask again for webhooks whose jobs were lost, or gave up while the database was away; answers how many."""
    due = context.clock.now() - OVERDUE
    async with context.database.engine.connect() as connection:
        overdue = (await connection.execute(FIND_OVERDUE, {"due": due})).all()
    for workspace_id, webhook_id in overdue:
        async with context.database.transaction(workspace_id=workspace_id) as session:
            await ask_for_delivery(session, workspace_id, webhook_id)
    return len(overdue)


async def purge(context: ServiceContext) -> int:
    """Forget the events, and what was sent of them, that are past their time; answers how many events."""
    before = context.clock.now() - timedelta(days=context.settings.event_days)
    async with context.database.engine.begin() as connection:
        gone: int = (await connection.execute(PURGE, {"before": before})).scalar_one()
    return gone
