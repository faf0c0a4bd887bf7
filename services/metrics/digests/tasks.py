"""Digests that somebody asked for."""

from uuid import UUID

from services.chassis.identity import system_principal
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.digests.service import MAKE, DigestService

kinds = OperationKinds()


@kinds.kind(MAKE)
async def make_digest(run: OperationRun) -> None:
    """Gathered in a session that may take its time; kept in the transaction that ends the operation."""
    principal = system_principal(run.context.name, workspace_id=run.workspace_id)
    dashboard_id, until = UUID(run.payload["dashboard_id"]), run.context.clock.now()
    async with run.context.database.session(workspace_id=run.workspace_id, read_only=True) as session:
        reading = UnitOfWork(run.context, principal, session=session)
        dashboard, content = await DigestService(reading).gather(dashboard_id, until=until)
    async with run.transaction() as session:
        work = UnitOfWork(run.context, principal, session=session)
        await DigestService(work).dashboards.get(dashboard_id, lock=True)
        digest_id = await DigestService(work).keep(
            dashboard, content, until=until, made_by=run.payload["made_by"], due_at=None
        )
        await work.audit.write()
        await run.succeed(session, {"dashboard_id": str(dashboard_id), "digest_id": str(digest_id)})
