"""Looks at alert rules as data comes: one replica at a time, one rule after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

import structlog

from services.chassis.context import ServiceContext
from services.chassis.cursor import all_workspaces
from services.chassis.errors import NotFound
from services.chassis.identity import system_principal
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.alerts.judging import Judge
from services.metrics.alerts.repository import AlertRuleRepository
from services.metrics.alerts.service import AlertService
from services.metrics.clients.context import MetricsContext

LOOK_S = 30.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def watching_rules(context: ServiceContext) -> AsyncIterator[None]:
    """The background part."""
    metrics = cast("MetricsContext", context)
    tasks = [asyncio.create_task(_watch(metrics))] if context.settings.role != "api" else []
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def look_at_rules(context: MetricsContext) -> int:
    """Look at every rule that is due, in every workspace; answers how many."""
    looked = 0
    async with context.database.session(workspace_id=None, read_only=True) as session:
        workspaces = await all_workspaces(session)
    for workspace_id in workspaces:
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


async def _watch(context: MetricsContext) -> None:
    while True:
        try:
            if await context.wakeup.lead("alerts"):
                await look_at_rules(context)
        except Exception as fault:  # noqa: BLE001 -- the database may be away: the next turn looks again
            log.warning("alerts.look_failed", error=type(fault).__name__, reason=str(fault)[:200])
        await asyncio.sleep(LOOK_S)
