"""Brings progress home: asks metrics how the KPIs of active key results stand, on one replica at a time."""

from uuid import UUID

import structlog

from services.chassis.errors import NotFound
from services.chassis.identity import system_principal
from services.chassis.rounds import rounds, workspaces_with
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.strategy.repository import KeyResultRepository
from services.roadmap.strategy.service import PROGRESS, ObjectiveService

LOOK_S = 60.0

log = structlog.get_logger(__name__)


async def refresh_progress(context: RoadmapContext) -> None:
    """Every workspace, every KPI that an active objective names."""
    for workspace_id in await workspaces_with(context, "active_objectives"):
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


following_progress = rounds("progress", refresh_progress, every_s=LOOK_S, topic=PROGRESS)
"""Once a minute, and at once when an outcome was measured."""
