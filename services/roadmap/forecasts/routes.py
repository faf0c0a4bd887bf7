"""HTTP for forecasts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Accepted, accepted
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.forecasts.schemas import RoadmapForecastCreate, RoadmapForecastRead, RoadmapForecastStarted
from services.roadmap.forecasts.service import ForecastService

FROM_JANUARY = {"roadmap_id": "01983a7c-9c10-7a52-8f3e-2d4b6c8e0f12", "starts_on": "2027-01-04"}

router = Router(prefix="/v1/forecasts", tags=["Forecasts"])
Forecasts = Annotated[ForecastService, Depends(ForecastService)]


@router.post(scope="roadmap:write", example=FROM_JANUARY)
async def create_roadmap_forecast(new: RoadmapForecastCreate, forecasts: Forecasts) -> Accepted[RoadmapForecastStarted]:
    """Ask when things will be done.

    Simulates the roadmap in its order many thousand times: the estimates of the work packages as ranges that one in ten
    lies below and one in ten above, luck that a team's work shares, calendars and absences, and what earlier features
    really took. Same question and seed, same answer. Features are told one by one, and so are releases to
    come, done with the last of their features. Follow the operation, then read the forecast.

    Without estimates, ask with `"method": "throughput"`: the weeks to come are drawn from those in which this roadmap's
    features were shipped before, and the roadmap's order says which feature is done as the how-many-eth.
    """
    started = await forecasts.start(new)
    return accepted(started, operation_id=started.id)


@router.get(scope="roadmap:read")
async def list_roadmap_forecasts(
    forecasts: Forecasts,
    page: Paging,
    roadmap_id: Annotated[UUID | None, Query(description="Only forecasts of this roadmap.")] = None,
) -> Page[RoadmapForecastRead]:
    """List forecasts, last asked first."""
    return await forecasts.search(page, roadmap_id=roadmap_id)


@router.get("/{forecast_id}", scope="roadmap:read")
async def get_roadmap_forecast(forecast_id: UUID, forecasts: Forecasts) -> RoadmapForecastRead:
    """Read a forecast.

    For each feature the days by which it is done in 10, 50, 85 and 95 of 100 futures, the chance of what was promised,
    how often it was critical; what drives the end; and how well earlier estimates of each team came true.
    """
    return await forecasts.get(forecast_id)
