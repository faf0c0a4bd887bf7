"""HTTP for dashboards."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.files import file_answers, file_response
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.dashboards.files import MEDIA_TYPES, write_dashboard
from services.metrics.dashboards.schemas import (
    DashboardCreate,
    DashboardFormat,
    DashboardRead,
    DashboardState,
    DashboardUpdate,
)
from services.metrics.dashboards.service import DashboardService

MONDAY = {
    "name": "Monday morning",
    "description": "What the growth team looks at together.",
    "tiles": [
        {
            "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
            "grain": "week",
            "periods": 13,
            "comparison": "previous_year",
            "note": "The campaign ended in May.",
        }
    ],
}

router = Router(prefix="/v1/dashboards", tags=["Dashboards"])
Dashboards = Annotated[DashboardService, Depends(DashboardService)]


@router.post(scope="metrics:write", example=MONDAY, answers=(409,))
async def create_dashboard(new: DashboardCreate, dashboards: Dashboards) -> Created[DashboardRead]:
    """Put KPIs together on a dashboard.

    Tiles stand in the order that you give. Each shows one KPI at a grain over some periods, whole or filtered by
    declared dimensions, and says what its last figure is compared with.
    """
    return created(DashboardRead.model_validate(await dashboards.create(new)))


@router.get(scope="metrics:read")
async def list_dashboards(
    dashboards: Dashboards,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only dashboards that show this KPI.")] = None,
) -> Page[DashboardRead]:
    """List dashboards, newest first."""
    return await dashboards.search(page, kpi_id=kpi_id)


@router.get("/{dashboard_id}", scope="metrics:read")
async def get_dashboard(dashboard_id: UUID, dashboards: Dashboards) -> DashboardRead:
    """Read a dashboard as it was put together."""
    return DashboardRead.model_validate(await dashboards.get(dashboard_id))


@router.patch("/{dashboard_id}", scope="metrics:write", example={"description": "What we look at on Mondays."})
async def update_dashboard(
    dashboard_id: UUID, change: DashboardUpdate, dashboards: Dashboards, if_match: IfMatch
) -> DashboardRead:
    """Change a dashboard; tiles are replaced as a whole."""
    return DashboardRead.model_validate(await dashboards.update(dashboard_id, change, if_match=if_match))


@router.delete("/{dashboard_id}", scope="metrics:write")
async def delete_dashboard(dashboard_id: UUID, dashboards: Dashboards, if_match: IfMatch) -> None:
    """Remove a dashboard; its KPIs stay."""
    await dashboards.delete(dashboard_id, if_match=if_match)


@router.get("/{dashboard_id}/state", scope="metrics:read")
async def get_dashboard_state(dashboard_id: UUID, dashboards: Dashboards) -> DashboardState:
    """Read where every KPI of a dashboard stands, at once.

    For each tile the last whole period that has a figure, what has changed and whether that is good, where it lies in
    its band, how far it is on the way to its target, and the figures of its periods.
    """
    return await dashboards.state(dashboard_id)


@router.get(
    "/{dashboard_id}/file",
    scope="metrics:read",
    extra=file_answers(MEDIA_TYPES, description="The dashboard as a table."),
)
async def get_dashboard_file(
    dashboard_id: UUID,
    dashboards: Dashboards,
    *,
    form: Annotated[DashboardFormat, Query(alias="format", description="What to write it as.")] = "markdown",
) -> Response:
    """Take a dashboard along as it stands, as Markdown or CSV, with a row for each tile."""
    return file_response(write_dashboard(await dashboards.state(dashboard_id), form))
