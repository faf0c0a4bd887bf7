"""Brings progress home: asks metrics how the KPIs of active key results stand, on one replica at a time."""

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
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.strategy.repository import KeyResultRepository
from services.roadmap.strategy.service import PROGRESS, ObjectiveService

LOOK_S = 60.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def following_progress(context: ServiceContext) -> AsyncIterator[None]:
    """The background part: looks once a minute, and at once when an outcome was measured."""
    task = asyncio.create_task(_follow(cast("RoadmapContext", context))) if context.settings.role != "api" else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def refresh_progress(context: RoadmapContext) -> None:
    """Every workspace, every KPI that an active objective names."""
    await context.feed.head()  # a workspace is known once its first event has its position
    async with context.database.session(workspace_id=None, read_only=True) as session:
        workspaces = await all_workspaces(session)
    for workspace_id in workspaces:
        async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
            kpi_ids = await KeyResultRepository(session).kpis_in_play()
        for kpi_id in kpi_ids:
            await _refresh(context, workspace_id, kpi_id)


async def _refresh(context: RoadmapContext, workspace_id: UUID, kpi_id: UUID) -> None:
    try:
        latest = await context.metrics.latest(kpi_id, workspace_id=workspace_id)
    except NotFound:
        return
    if latest is None:
        return
    principal = system_principal(context.name, workspace_id=workspace_id)
    async with context.database.transaction(workspace_id=workspace_id) as session:
        work = UnitOfWork(context, principal, session=session)
        await ObjectiveService(work).take_in(kpi_id, latest)
        await work.audit.write()


async def _follow(context: RoadmapContext) -> None:
    with context.wakeup.subscribe(PROGRESS) as heard:
        while True:
            try:
                if await context.wakeup.lead("progress"):
                    await refresh_progress(context)
            except Exception as fault:  # noqa: BLE001 -- metrics or the database may be away: the next turn looks again
                log.warning("progress.look_failed", error=type(fault).__name__, reason=str(fault)[:200])
            await heard.wait(LOOK_S)
