"""Pulls that somebody asked for, and files that are read piece by piece."""

from typing import Any, cast
from uuid import UUID

from services.chassis.identity import system_principal
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.clients.context import MetricsContext
from services.metrics.measurements.service import MeasurementService
from services.metrics.sources.csv_files import read_rows
from services.metrics.sources.pulling import pull
from services.metrics.sources.repository import MeasurementFileRepository
from services.metrics.sources.service import IMPORT, PULL

AT_ONCE = 2_000
MOST_FAULTS = 100

kinds = OperationKinds()


@kinds.kind(PULL)
async def pull_source(run: OperationRun) -> dict[str, Any]:
    """Pulled again after a kill, it keeps each figure once all the same."""
    context = cast("MetricsContext", run.context)
    return {**await pull(context, UUID(run.payload["source_id"]), workspace_id=run.workspace_id)}


@kinds.kind(IMPORT)
async def import_file(run: OperationRun) -> None:
    """Rows are named by file and line: after a kill what was kept already is known."""
    context, file_id = cast("MetricsContext", run.context), UUID(run.payload["file_id"])
    async with run.transaction() as session:
        file = await MeasurementFileRepository(session).get(file_id)
        content, kpi_id = file.content, file.kpi_id
    every = list(read_rows(content, kpi_id=kpi_id, file_id=file_id))
    counts, faults = {"new": 0, "known": 0, "refused": 0}, list[dict[str, Any]]()
    for start in range(0, len(every), AT_ONCE):
        rows = every[start : start + AT_ONCE]
        async with run.transaction() as session:
            principal = system_principal(context.name, workspace_id=run.workspace_id)
            lines = await MeasurementService(UnitOfWork(context, principal, session=session)).record_all(rows)
        for line in lines:
            name = {201: "new", 200: "known"}.get(line.status, "refused")
            counts[name] += 1
            if line.problem is not None and len(faults) < MOST_FAULTS:
                faults.append(line.document())
        await run.progress(min(0.99, (start + len(rows)) / len(every)))
    async with run.transaction() as session:
        await MeasurementFileRepository(session).forget(file_id)
        await run.succeed(session, {**counts, "kpi_id": str(kpi_id), "faults": faults})
