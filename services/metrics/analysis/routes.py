"""HTTP for analyses."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.metrics.analysis.schemas import AnomaliesRead, KpiForecastRead
from services.metrics.analysis.service import AnalysisService

router = Router(prefix="/v1/kpis", tags=["Analysis"])
Analyses = Annotated[AnalysisService, Depends(AnalysisService)]


@router.get("/{kpi_id}/forecast", scope="metrics:read")
async def get_kpi_forecast(
    kpi_id: UUID,
    analyses: Analyses,
    *,
    horizon: Annotated[int, Query(ge=1, le=180, description="How many periods of the KPI's cadence ahead.")] = 28,
) -> KpiForecastRead:
    """Forecast a KPI.

    Several plain methods forecast from earlier dates; the one that missed least is taken, and its own misses make the
    interval. With less than eight periods of past there is nothing to tell.
    """
    return await analyses.forecast(kpi_id, horizon=horizon)


@router.get("/{kpi_id}/anomalies", scope="metrics:read")
async def get_kpi_anomalies(
    kpi_id: UUID,
    analyses: Analyses,
    *,
    limit: Annotated[
        float, Query(ge=2, le=20, description="How many robust standard deviations off a figure has to be.")
    ] = 4.5,
) -> AnomaliesRead:
    """Find what was out of the ordinary in a KPI.

    Each figure of the last two years is judged by what came before it alone: by the same day of earlier weeks and by
    how far figures usually miss. So what was told once stays told; later data changes nothing.
    """
    return await analyses.anomalies(kpi_id, limit=limit)
