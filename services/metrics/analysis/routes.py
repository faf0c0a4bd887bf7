"""HTTP for analyses."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.metrics.analysis.schemas import ForecastRead
from services.metrics.analysis.service import AnalysisService

router = Router(prefix="/v1/kpis", tags=["Analysis"])
Analyses = Annotated[AnalysisService, Depends(AnalysisService)]


@router.get("/{kpi_id}/forecast", scope="metrics:read")
async def get_forecast(
    kpi_id: UUID,
    analyses: Analyses,
    *,
    horizon: Annotated[int, Query(ge=1, le=180, description="How many periods of the KPI's cadence ahead.")] = 28,
) -> ForecastRead:
    """Forecast a KPI.

    Several plain methods forecast from earlier dates; the one that missed least is taken, and its own misses make the
    interval. With less than eight periods of past there is nothing to tell.
    """
    return await analyses.forecast(kpi_id, horizon=horizon)
