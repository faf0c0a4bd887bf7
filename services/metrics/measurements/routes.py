"""HTTP for measurements and series."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.chassis.answers import Accepted, Created, accepted, created
from services.chassis.bulk import MAX_BYTES, Atomic, bulk_document, whole_answer
from services.chassis.concurrency import IfMatch
from services.chassis.operations import OperationRead
from services.chassis.pagination import Paging
from services.chassis.routing import NDJSON, Router
from services.chassis.types import Page, Timestamp
from services.metrics.domain.rollups import Grain
from services.metrics.kpis.schemas import TimeZone
from services.metrics.measurements.lines import read_measurements
from services.metrics.measurements.parts import Part, read_filters
from services.metrics.measurements.revisions import RevisionService
from services.metrics.measurements.schemas import (
    Comparison,
    MeasurementCorrect,
    MeasurementCreate,
    MeasurementRead,
    MeasurementRevisionRead,
    SeriesRead,
)
from services.metrics.measurements.service import MeasurementService

ONE_DAY = {
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "value": 41.5,
    "measured_at": "2026-01-31T09:00:00Z",
    "dedupe_key": "activation-2026-01-31",
}

RIGHT_FIGURE = {"value": 42.5, "reason": "Three sign-ups of the evening were missing."}

BULK = bulk_document("MeasurementCreate")

router = Router(prefix="/v1/measurements", tags=["Measurements"])
revision_router = Router(prefix="/v1/measurement-revisions", tags=["Measurements"])
series_router = Router(prefix="/v1/kpis", tags=["Measurements"])
Measurements = Annotated[MeasurementService, Depends(MeasurementService)]
Revisions = Annotated[RevisionService, Depends(RevisionService)]


@router.post(scope="metrics:write", example=ONE_DAY, answers=(409,))
async def create_measurement(new: MeasurementCreate, measurements: Measurements) -> Created[MeasurementRead]:
    """Record a measurement.

    With a dedupe key it counts once however often it is sent; the answer is then the measurement that is held. Another
    figure under the same key is answered with 409. Late measurements are welcome: their period is added up anew.
    """
    return created(await measurements.record(new))


@router.post(
    "/bulk",
    scope="metrics:write",
    status=200,
    accepts=NDJSON,
    max_body_bytes=MAX_BYTES,
    example=ONE_DAY,
    extra=BULK,
)
async def bulk_measurements(
    request: Request,
    measurements: Measurements,
    *,
    atomic: Atomic = False,
) -> Response:
    """Record many measurements, one per line.

    Each line is answered in its place: 201 for a new measurement, 200 for one that is held already, or the problem
    that it has. One bad line fails no other, unless you ask for all or none with `atomic=true`.
    """
    lines = await measurements.record_all(read_measurements(await request.body()))
    return whole_answer(lines, atomic=atomic)


@router.get("/{measurement_id}", scope="metrics:read")
async def get_measurement(measurement_id: UUID, measurements: Measurements) -> MeasurementRead:
    """Read a measurement."""
    return await measurements.get(measurement_id)


@router.patch("/{measurement_id}", scope="metrics:write", example=RIGHT_FIGURE)
async def correct_measurement(
    measurement_id: UUID, correction: MeasurementCorrect, revisions: Revisions, if_match: IfMatch
) -> MeasurementRead:
    """Correct a measurement.

    The right figure counts from now on, in every series; what it was stays in the revisions, and a series `as_of` an
    earlier time goes on telling it. To move a measurement in time, take it back and send it anew.
    """
    return await revisions.correct(measurement_id, correction, if_match=if_match)


@router.delete("/{measurement_id}", scope="metrics:write")
async def retract_measurement(
    measurement_id: UUID,
    revisions: Revisions,
    if_match: IfMatch,
    *,
    reason: Annotated[str | None, Query(max_length=500, description="Why; kept in the revisions.")] = None,
) -> None:
    """Take a measurement back.

    Its period is added up anew without it, and its dedupe key may be used again. What it was stays in the revisions.
    """
    await revisions.retract(measurement_id, reason=reason, if_match=if_match)


@revision_router.get(scope="metrics:read")
async def list_measurement_revisions(
    revisions: Revisions,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only of this KPI.")] = None,
    measurement_id: Annotated[UUID | None, Query(description="Only of this measurement.")] = None,
) -> Page[MeasurementRevisionRead]:
    """List what measurements were before they were corrected or taken back, newest first."""
    return await revisions.search(page, kpi_id=kpi_id, measurement_id=measurement_id)


@series_router.post("/{kpi_id}/rebuild", scope="metrics:write")
async def rebuild_kpi(kpi_id: UUID, measurements: Measurements) -> Accepted[OperationRead]:
    """Add a KPI up again from its measurements.

    Nothing should differ afterwards: what is added up as measurements come is what counting them again gives. What is
    older than the measurements that are still kept stays as it is.
    """
    operation = await measurements.rebuild(kpi_id)
    return accepted(operation, operation_id=operation.id)


@series_router.get("/{kpi_id}/series", scope="metrics:read")
async def get_kpi_series(
    kpi_id: UUID,
    measurements: Measurements,
    *,
    grain: Annotated[Grain, Query(description="The length of a period.")] = Grain.DAY,
    since: Annotated[
        Timestamp | None, Query(alias="from", description="Begin with the period that holds this time.")
    ] = None,
    until: Annotated[
        Timestamp | None, Query(alias="to", description="End before the first period that begins at or after this.")
    ] = None,
    time_zone: Annotated[TimeZone | None, Query(description="Where days begin; else the KPI's own time zone.")] = None,
    compare: Annotated[
        Comparison | None,
        Query(
            description="`previous_period`: as many periods right before; `previous_year`: those of 52 weeks earlier, "
            "and with months, quarters and years of the year before."
        ),
    ] = None,
    dimension: Annotated[
        str | None, Query(max_length=64, description="Break it down: also a series for each of its twenty main values.")
    ] = None,
    filters: Annotated[
        list[str] | None,
        Query(
            alias="filter",
            max_length=5,
            description="Only measurements that say so: `dimension:value`; of funnels and retention only people whose "
            "first event says so.",
        ),
    ] = None,
    as_of: Annotated[
        Timestamp | None, Query(description="As it was known at this time: without what came or was corrected later.")
    ] = None,
) -> SeriesRead:
    """Read a KPI over time.

    Periods are whole: local days in the time zone, weeks from Monday. A period without measurements says what the KPI's
    `empty` says. A KPI that is worked out from others is worked out from their figures of the same period. Without
    `from` and `to`, the last ninety days. Sums and counts are exact; distinct counts and percentiles by day come from
    sketches, whose bound the answer states.
    """
    return await measurements.series(
        kpi_id,
        grain=grain,
        since=since,
        until=until,
        time_zone=time_zone,
        compare=compare,
        dimension=dimension,
        part=Part(read_filters(filters or ()), as_of),
    )
