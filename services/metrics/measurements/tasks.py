"""Adding up anew, as a job after a definition has changed, and as an operation for whoever asks."""

from typing import cast
from uuid import UUID

from services.chassis.context import ServiceContext
from services.chassis.errors import NotFound
from services.chassis.jobs import Jobs
from services.chassis.operations import OperationKinds, OperationRun
from services.metrics.clients.context import MetricsContext
from services.metrics.kpis.service import REBUILD
from services.metrics.measurements.rebuilding import rebuild
from services.metrics.measurements.service import REBUILD_KPI
from services.metrics.measurements.sketching import TOPIC

kinds = OperationKinds()
jobs = Jobs()


@jobs.job(REBUILD)
async def rebuild_after_change(context: ServiceContext, *, workspace_id: str, kpi_id: str) -> None:
    """Of a KPI that is gone meanwhile there is nothing to add up."""
    async with context.database.transaction(workspace_id=UUID(workspace_id)) as session:
        try:
            await rebuild(session, UUID(kpi_id), now=cast("MetricsContext", context).clock.now())
        except NotFound:
            return
    context.signal(TOPIC)


@kinds.kind(REBUILD_KPI)
async def rebuild_kpi(run: OperationRun) -> None:
    """In one transaction with the operation's end: a kill before its commit undoes both."""
    async with run.transaction() as session:
        count = await rebuild(session, UUID(run.payload["kpi_id"]), now=run.context.clock.now())
        await run.succeed(session, {"kpi_id": run.payload["kpi_id"], "measurements": count})
    run.context.signal(TOPIC)
