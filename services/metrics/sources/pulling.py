"""Asks sources for their figures: the call outside of any transaction, what came of it in one."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from services.chassis.bulk import Line
from services.chassis.concurrency import Precondition
from services.chassis.errors import BadGateway, NotFound, Problem
from services.chassis.identity import system_principal
from services.chassis.outbound.errors import OutboundError
from services.chassis.rounds import rounds, workspaces_with
from services.chassis.sealing import Unsealable
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.documents import Found, NotThere, Paths, find_figures
from services.metrics.measurements.revisions import RevisionService
from services.metrics.measurements.schemas import MeasurementCorrect, MeasurementCreate
from services.metrics.measurements.service import MeasurementService
from services.metrics.models import MeasurementSource
from services.metrics.sources.repository import MeasurementSourceRepository

LOOK_S = 30.0
TIMEOUT_S = 20.0
ANYTHING = Precondition(("*",))
SAYS_OTHERWISE = "The source says otherwise now."

log = structlog.get_logger(__name__)


async def pull_due(context: MetricsContext) -> int:
    """Ask every source whose time has come, in every workspace; answers how many."""
    asked = 0
    for workspace_id in await workspaces_with(context, "sources"):
        async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
            due = await MeasurementSourceRepository(session).due(context.clock.now())
        for source_id in due:
            try:
                await pull(context, source_id, workspace_id=workspace_id)
            except NotFound:
                continue
            except Problem as problem:
                log.info("source.pull_failed", source_id=str(source_id), reason=problem.code)
            asked += 1
    return asked


async def pull(context: MetricsContext, source_id: UUID, *, workspace_id: UUID) -> dict[str, int]:
    """Ask one source, and keep what it says; how it went is noted. Raises NotFound, BadGateway."""
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        source = await MeasurementSourceRepository(session).get(source_id)
    now = context.clock.now()
    told: dict[str, Any] = {"pulled_at": now, "next_pull_at": now + timedelta(minutes=source.every_minutes)}
    try:
        figures = await _asked(context, source)
    except (OutboundError, NotThere) as fault:
        async with context.database.transaction(workspace_id=workspace_id) as session:
            await MeasurementSourceRepository(session).note_pull(source_id, fault=str(fault)[:500], **told)
        raise BadGateway(str(fault)) from None
    principal = system_principal(context.name, workspace_id=workspace_id)
    async with context.database.transaction(workspace_id=workspace_id) as session:
        work = UnitOfWork(context, principal, session=session)
        result = await _kept(work, source, figures)
        await MeasurementSourceRepository(session).note_pull(source_id, result=result, fault=None, **told)
        await work.audit.write()
    return result


async def _asked(context: MetricsContext, source: MeasurementSource) -> Sequence[Found | None]:
    headers = {"Accept": "application/json"}
    if source.credential is not None:
        try:
            headers["Authorization"] = context.sealer.open(source.credential, owner=source.id.bytes)
        except Unsealable:
            raise NotThere("What the source is asked with cannot be read any more: send it again.") from None
    answer = await context.outbound.get(source.url, headers=headers, timeout_s=TIMEOUT_S)
    if not answer.is_success:
        raise NotThere(f"The source answers with {answer.status}.")
    paths = Paths(source.items_path, source.value_path, source.time_path, source.key_path, source.dimension_paths)
    return list(find_figures(answer.json(), paths, now=context.clock.now()))


async def _kept(work: UnitOfWork, source: MeasurementSource, figures: Sequence[Found | None]) -> dict[str, int]:
    """What is new is recorded, and what the source says otherwise than before is corrected."""
    usable = [each for each in figures if each is not None]
    new = [
        MeasurementCreate(
            kpi_id=source.kpi_id,
            value=each.value,
            measured_at=each.at,
            dedupe_key=f"{source.id}:{each.key}",
            dimensions=dict(each.dimensions),
        )
        for each in usable
    ]
    lines = await MeasurementService(work).record_all(enumerate(new))
    counts = Counter[str](skipped=len(figures) - len(usable))
    for line in lines:
        counts[await _outcome(work, line, new[line.number])] += 1
    return {name: counts[name] for name in ("new", "known", "corrected", "skipped")}


async def _outcome(work: UnitOfWork, line: Line, said: MeasurementCreate) -> str:
    if line.problem is None:
        return "new" if line.status == 201 else "known"
    if line.id is None:
        return "skipped"
    service = RevisionService(work)
    if (await service.measurements.get(line.id)).measured_at != said.measured_at:
        return "skipped"
    await service.correct(line.id, MeasurementCorrect(value=said.value, reason=SAYS_OTHERWISE), if_match=ANYTHING)
    return "corrected"


pulling = rounds("sources", pull_due, every_s=LOOK_S)
