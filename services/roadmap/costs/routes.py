"""HTTP for the costs of features."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.chassis.types import Currency, Day
from services.roadmap.costs.schemas import FeatureCost
from services.roadmap.costs.service import CostService

router = Router(prefix="/v1/features/{feature_id}/cost", tags=["Budgets"])
Costs = Annotated[CostService, Depends(CostService)]


@router.get(scope="roadmap:read")
async def get_feature_cost(
    feature_id: UUID,
    costs: Costs,
    *,
    currency: Annotated[
        Currency | None,
        Query(description="In this one; unless given, in that of the stated cost or the day rates."),
    ] = None,
    on: Annotated[
        Day | None, Query(description="At this day's rates; unless given, when the work is to begin, or today.")
    ] = None,
) -> FeatureCost:
    """Read what a feature costs by its work.

    Person-days of each skill at the day rates of the team that does them, or of everybody with the skill, beside what
    the feature is said to cost. Amounts in other currencies are converted at the rate that holds on the day and say
    which one that was; where there is none, the work package lacks a cost and `missing_rates` names it.
    """
    return await costs.of(feature_id, currency=currency, on=on)
