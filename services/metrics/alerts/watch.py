"""Looks at alert rules as data comes: one replica at a time, one rule after the other."""

from uuid import UUID

import structlog

from services.chassis.errors import NotFound
from services.chassis.identity import system_principal
from services.chassis.rounds import rounds, workspaces_with
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.alerts.judging import Judge
from services.metrics.alerts.repository import AlertRuleRepository
from services.metrics.alerts.service import AlertService
from services.metrics.clients.context import MetricsContext

LOOK_S = 30.0

log = structlog.get_logger(__name__)


async def look_at_rules(context: MetricsContext) -> int:
    """Look at every rule that is due, in every workspace; answers how many."""
    looked = 0
    for workspace_id in await workspaces_with(context, "alert_rules"):
        async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
            due = await AlertRuleRepository(session).due(context.clock.now())
        for rule_id in due:
            await _look(context, workspace_id, rule_id)
            looked += 1
    return looked


async def _look(context: MetricsContext, workspace_id: UUID, rule_id: UUID) -> None:
    """Judge in one session, which may take its time; keep what was seen in a short transaction of its own."""
    principal = system_principal(context.name, workspace_id=workspace_id)
    try:
        async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
            reading = UnitOfWork(context, principal, session=session)
            seen = await Judge(reading).judge(await AlertRuleRepository(session).get(rule_id))
        async with context.database.transaction(workspace_id=workspace_id) as session:
            work = UnitOfWork(context, principal, session=session)
            await AlertService(work).take_in(seen)
            await work.audit.write()
    except NotFound:
        log.info("alerts.rule_gone", alert_rule_id=str(rule_id))


watching_rules = rounds("alerts", look_at_rules, every_s=LOOK_S)
