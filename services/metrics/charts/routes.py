"""HTTP for charts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.chassis.files import file_answers, file_response
from services.chassis.routing import Router
from services.chassis.types import Timestamp
from services.metrics.charts.files import MEDIA_TYPES, ChartFormat, write_chart
from services.metrics.charts.service import ChartService
from services.metrics.domain.rollups import Grain

router = Router(prefix="/v1/kpis", tags=["Dashboards"])
Charts = Annotated[ChartService, Depends(ChartService)]
Width = Annotated[int, Query(ge=280, le=2_000, description="How wide the picture is, in pixels.")]


@router.get("/{kpi_id}/chart", scope="metrics:read", extra=file_answers(MEDIA_TYPES, description="The chart."))
async def get_kpi_chart(
    kpi_id: UUID,
    charts: Charts,
    *,
    form: Annotated[
        ChartFormat,
        Query(alias="format", description="A Vega-Lite specification, a picture, or the figures as a table."),
    ] = "vega_lite",
    grain: Annotated[Grain | None, Query(description="The length of a period; else the KPI's cadence.")] = None,
    since: Annotated[Timestamp | None, Query(alias="from", description="Begin with the period of this time.")] = None,
    until: Annotated[Timestamp | None, Query(alias="to", description="End before this time.")] = None,
    width: Width = 900,
) -> Response:
    """Draw a KPI.

    With the band that it should stay in, the targets it is worked towards, the launches that were to move it with what
    came of them, and each figure that its past did not let expect. Without `from` and `to`, the last ninety periods.
    Frontends draw the Vega-Lite specification; the picture (SVG) follows light and dark and needs no script.
    """
    content = await charts.content(kpi_id, grain=grain, since=since, until=until)
    return file_response(write_chart(content, form, width=width))
