"""Looks at open outcomes as data comes: one replica at a time, one outcome after the other."""

from uuid import UUID

import structlog

from services.chassis.errors import NotFound
from services.chassis.identity import system_principal
from services.chassis.rounds import rounds, workspaces_with
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.clients.context import MetricsContext
from services.metrics.outcomes.evidence import look_at
from services.metrics.outcomes.repository import OutcomeRepository
from services.metrics.outcomes.service import TOPIC, OutcomeService

LOOK_S = 60.0

log = structlog.get_logger(__name__)


async def look_at_due(context: MetricsContext) -> int:
    """Look at every outcome that is due, in every workspace; answers how many."""
    looked = 0
    for workspace_id in await workspaces_with(context, "open_outcomes"):
        async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
            due = await OutcomeRepository(session).due(context.clock.now())
        for outcome_id in due:
            await _look(context, workspace_id, outcome_id)
            looked += 1
    return looked


async def _look(context: MetricsContext, workspace_id: UUID, outcome_id: UUID) -> None:
    try:
        look = await look_at(context, outcome_id, workspace_id=workspace_id)
    except NotFound:
        return
    principal = system_principal(context.name, workspace_id=workspace_id)
    async with context.database.transaction(workspace_id=workspace_id) as session:
        work = UnitOfWork(context, principal, session=session)
        await OutcomeService(work).consider(look)
        await work.audit.write()


watching = rounds("outcomes", look_at_due, every_s=LOOK_S, topic=TOPIC)
