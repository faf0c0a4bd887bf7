"""HTTP for analyses."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.metrics.analysis.schemas import AnomaliesRead, ChangePointsRead, KpiForecastRead
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


@router.get("/{kpi_id}/change-points", scope="metrics:read")
async def get_kpi_change_points(kpi_id: UUID, analyses: Analyses) -> ChangePointsRead:
    """Find when a KPI began to behave otherwise.

    The last two years are cut into the stretches, each with a level and a spread of its own, that explain the figures
    best, after what returns every season was taken out. Unlike anomalies this looks back from today: a change shows
    once enough came after it, and an earlier cut may move as more is known.
    """
    return await analyses.change_points(kpi_id)
