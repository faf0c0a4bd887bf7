"""HTTP for sources and files."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from services.chassis.answers import Accepted, Created, accepted, created
from services.chassis.concurrency import IfMatch
from services.chassis.operations import OperationRead
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.sources.csv_files import MAX_BYTES
from services.metrics.sources.schemas import MeasurementSourceCreate, MeasurementSourceRead, MeasurementSourceUpdate
from services.metrics.sources.service import MeasurementSourceService

CSV = "text/csv"
BILLING = {
    "name": "Daily revenue from billing",
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "url": "https://billing.example.com/revenue.json",
    "authorization": "Bearer read-only-token",
    "items_path": "data.days",
    "value_path": "revenue",
    "time_path": "day",
    "every_minutes": 1440,
    "is_enabled": False,
}
TWO_DAYS = "measured_at,value,dimension:plan\n2026-01-30T09:00:00Z,40.5,pro\n2026-01-31T09:00:00Z,41.5,pro\n"
FILE = {
    "requestBody": {
        "required": True,
        "content": {CSV: {"schema": {"type": "string"}, "example": TWO_DAYS}},
    }
}

router = Router(prefix="/v1/measurement-sources", tags=["Measurement sources"])
import_router = Router(prefix="/v1/kpis", tags=["Measurement sources"])
Sources = Annotated[MeasurementSourceService, Depends(MeasurementSourceService)]


@router.post(scope="metrics:write", example=BILLING, answers=(409,))
async def create_measurement_source(new: MeasurementSourceCreate, sources: Sources) -> Created[MeasurementSourceRead]:
    """Have figures fetched from an address.

    Its JSON is asked for on a schedule. Each item counts once by its name, or by its time; what the address says
    otherwise later corrects what it said before.
    """
    return created(await sources.create(new))


@router.get(scope="metrics:read")
async def list_measurement_sources(
    sources: Sources,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only sources of this KPI.")] = None,
) -> Page[MeasurementSourceRead]:
    """List sources, newest first."""
    return await sources.search(page, kpi_id=kpi_id)


@router.get("/{source_id}", scope="metrics:read")
async def get_measurement_source(source_id: UUID, sources: Sources) -> MeasurementSourceRead:
    """Read a source, and how the last pull went."""
    return await sources.get(source_id)


@router.patch("/{source_id}", scope="metrics:write", example={"every_minutes": 60})
async def update_measurement_source(
    source_id: UUID, change: MeasurementSourceUpdate, sources: Sources, if_match: IfMatch
) -> MeasurementSourceRead:
    """Change a source; if it is enabled, it is asked again at once."""
    return await sources.update(source_id, change, if_match=if_match)


@router.delete("/{source_id}", scope="metrics:write")
async def delete_measurement_source(source_id: UUID, sources: Sources, if_match: IfMatch) -> None:
    """Remove a source; what was fetched stays."""
    await sources.delete(source_id, if_match=if_match)


@router.post("/{source_id}/pull", scope="metrics:write")
async def pull_measurement_source(source_id: UUID, sources: Sources) -> Accepted[OperationRead]:
    """Ask a source now.

    The operation's result counts what was new, known, corrected, or of no use.
    """
    operation = await sources.pull(source_id)
    return accepted(operation, operation_id=operation.id)


@import_router.post("/{kpi_id}/import", scope="metrics:write", accepts=(CSV,), max_body_bytes=MAX_BYTES, extra=FILE)
async def import_measurements(kpi_id: UUID, request: Request, sources: Sources) -> Accepted[OperationRead]:
    """Import measurements from a CSV file.

    The first line names the columns: `measured_at` and `value`, and if you like `denominator`, `dedupe_key`, `subject`
    and `dimension:plan` for each dimension. One bad row fails no other; the operation's result counts what was new,
    known and refused, with the first hundred faults by line. Up to 1 MiB; send larger ones in pieces.
    """
    operation = await sources.take_file(kpi_id, await request.body())
    return accepted(operation, operation_id=operation.id)
