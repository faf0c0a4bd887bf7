"""HTTP for insights."""

from typing import Annotated

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.metrics.insights.schemas import InsightsRead
from services.metrics.insights.service import InsightService

router = Router(prefix="/v1/insights", tags=["Analysis"])
Insights = Annotated[InsightService, Depends(InsightService)]


@router.get(scope="metrics:read")
async def get_insights(
    insights: Insights,
    *,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
) -> InsightsRead:
    """Read what deserves attention.

    Figures out of the ordinary, targets that will probably be missed, launches that did harm, promises that never come
    true, and KPIs that fell silent, on one list with the gravest first. Each names the evidence that it rests on, so
    that a decision can cite it.
    """
    return await insights.read(limit=limit)
