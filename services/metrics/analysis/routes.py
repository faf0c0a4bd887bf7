"""HTTP for analyses."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.metrics.analysis.schemas import AnomaliesRead, AnomalyGrain, ChangePointsRead, KpiForecastRead
from services.metrics.analysis.service import AnalysisService
from services.metrics.domain.anomalies.search import Method

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
    method: Annotated[Method | None, Query(description="By default `novelty` by the hour, else `expected`.")] = None,
    grain: Annotated[
        AnomalyGrain | None, Query(description="The length of the periods judged; by default the KPI's cadence.")
    ] = None,
    limit: Annotated[
        float | None,
        Query(ge=2, le=20, description="How many standard deviations off or rare; by default 4.5 off and 3.8 rare."),
    ] = None,
) -> AnomaliesRead:
    """Find what was out of the ordinary in a KPI.

    Each figure of the last two years, or 26 weeks by the hour, is judged by what came before it alone. So what was told
    once stays told; later data changes nothing. `expected` compares it with the same day of earlier weeks and how far
    figures usually miss; it follows a trend. `novelty` is for figures that come back to where they were, as usage by
    the hour does: it tells a moment that is, in level, time of the week, drift, spread and shape taken together, unlike
    all of the past, and then keeps quiet for a twentieth of the past, but for what is ten times rarer still.
    """
    return await analyses.anomalies(kpi_id, method=method, grain=grain, limit=limit)


@router.get("/{kpi_id}/change-points", scope="metrics:read")
async def get_kpi_change_points(kpi_id: UUID, analyses: Analyses) -> ChangePointsRead:
    """Find when a KPI began to behave otherwise.

    The last two years are cut into the stretches, each with a level and a spread of its own, that explain the figures
    best, after what returns every season was taken out. Unlike anomalies this looks back from today: a change shows
    once enough came after it, and an earlier cut may move as more is known.
    """
    return await analyses.change_points(kpi_id)
