"""HTTP for KPI definitions."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.kpis.frameworks import FrameworkTag, KpiTemplatesRead, templates
from services.metrics.kpis.schemas import CertificationGive, KpiCreate, KpiRead, KpiUpdate, KpiVersionRead
from services.metrics.kpis.service import KpiService

ACTIVATION = {
    "name": "Activation rate",
    "description": "Share of new accounts that invite a colleague within a week.",
    "unit": "%",
    "aggregation": "average",
    "direction": "up",
    "time_zone": "Europe/Berlin",
    "negligible_change": 0.5,
    "owner": "Growth team",
    "tags": ["growth"],
    "framework_tags": ["aarrr.activation"],
}

router = Router(prefix="/v1/kpis", tags=["KPIs"])
template_router = Router(prefix="/v1/kpi-templates", tags=["KPIs"])
Kpis = Annotated[KpiService, Depends(KpiService)]


@router.post(scope="metrics:write", example=ACTIVATION)
async def create_kpi(new: KpiCreate, kpis: Kpis) -> Created[KpiRead]:
    """Define a KPI.

    Say what is counted, how measurements become one figure per period, and which way is good. A KPI may also be worked
    out from others: as a ratio, by a formula, or as a running total. Name KPIs that move with this one but that your
    launches cannot touch as controls: outcomes are then judged against them.
    """
    return created(await kpis.create(new))


@router.get(scope="metrics:read")
async def list_kpis(
    kpis: Kpis,
    page: Paging,
    *,
    tag: Annotated[str | None, Query(max_length=64, description="Only KPIs with this tag.")] = None,
    framework_tag: Annotated[FrameworkTag | None, Query(description="Only KPIs in this box of a framework.")] = None,
    name: Annotated[str | None, Query(max_length=200, description="Only KPIs whose name holds this text.")] = None,
) -> Page[KpiRead]:
    """List KPIs, newest first."""
    return await kpis.search(page, tag=tag, framework_tag=framework_tag, name=name)


@router.get("/{kpi_id}", scope="metrics:read")
async def get_kpi(kpi_id: UUID, kpis: Kpis) -> KpiRead:
    """Read a KPI as it is defined now."""
    return await kpis.get(kpi_id)


@router.patch("/{kpi_id}", scope="metrics:write", example={"negligible_change": 1.0, "owner": "Onboarding team"})
async def update_kpi(kpi_id: UUID, change: KpiUpdate, kpis: Kpis, if_match: IfMatch) -> KpiRead:
    """Change how a KPI is defined.

    Each change makes a new version. What was measured stays as it is; results go on citing the version that they were
    made with.
    """
    return await kpis.update(kpi_id, change, if_match=if_match)


@router.delete("/{kpi_id}", scope="metrics:write", answers=(409,))
async def delete_kpi(kpi_id: UUID, kpis: Kpis, if_match: IfMatch) -> None:
    """Remove a KPI with everything that was measured for it.

    While outcomes or other KPIs rest on it, this is answered with 409.
    """
    await kpis.delete(kpi_id, if_match=if_match)


@router.put("/{kpi_id}/certification", scope="metrics:write", example={"remark": "Agrees with billing for all of May."})
async def certify_kpi(kpi_id: UUID, given: CertificationGive, kpis: Kpis, if_match: IfMatch) -> KpiRead:
    """Certify a KPI.

    Its owner (`owner_id`) or an admin vouches for the definition as it is, and says why. Any later
    change to the definition makes a version that is not certified until somebody vouches for it again.
    """
    return await kpis.certify(kpi_id, given, if_match=if_match)


@router.delete("/{kpi_id}/certification", scope="metrics:write")
async def withdraw_kpi_certification(kpi_id: UUID, kpis: Kpis, if_match: IfMatch) -> None:
    """Take a certification back."""
    await kpis.withdraw_certification(kpi_id, if_match=if_match)


@router.get("/{kpi_id}/versions", scope="metrics:read")
async def list_kpi_versions(kpi_id: UUID, kpis: Kpis, page: Paging) -> Page[KpiVersionRead]:
    """List every form that a definition has had, newest first."""
    return await kpis.history(kpi_id, page)


@template_router.get(scope="metrics:read")
async def list_kpi_templates() -> KpiTemplatesRead:
    """List templates of KPIs.

    One for each box of the usual frameworks: a North Star, AARRR, HEART and OKR key results. `kpi` is a body for
    `POST /v1/kpis`, to be changed to taste.
    """
    return templates()
