"""Looks at open outcomes as data comes: one replica at a time, one outcome after the other."""

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
from services.metrics.clients.context import MetricsContext
from services.metrics.outcomes.evidence import look_at
from services.metrics.outcomes.repository import OutcomeRepository
from services.metrics.outcomes.service import TOPIC, OutcomeService

LOOK_S = 60.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def watching(context: ServiceContext) -> AsyncIterator[None]:
    """The background part."""
    metrics = cast("MetricsContext", context)
    tasks = [asyncio.create_task(_watch(metrics))] if context.settings.role != "api" else []
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await metrics.analyst.close()


async def look_at_due(context: MetricsContext) -> int:
    """Look at every outcome that is due, in every workspace; answers how many."""
    looked = 0
    async with context.database.session(workspace_id=None, read_only=True) as session:
        workspaces = await all_workspaces(session)
    for workspace_id in workspaces:
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


async def _watch(context: MetricsContext) -> None:
    with context.wakeup.subscribe(TOPIC) as heard:
        while True:
            try:
                if await context.wakeup.lead("outcomes"):
                    await look_at_due(context)
            except Exception as fault:  # noqa: BLE001 -- the database may be away: the next turn looks again
                log.warning("outcomes.look_failed", error=type(fault).__name__, reason=str(fault)[:200])
            await heard.wait(LOOK_S)
