"""HTTP for the portfolio."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.roadmap.portfolio.schemas import PortfolioRead
from services.roadmap.portfolio.service import PortfolioService

router = Router(prefix="/v1/portfolio", tags=["Roadmaps"])
Portfolio = Annotated[PortfolioService, Depends(PortfolioService)]


@router.get(scope="roadmap:read")
async def get_portfolio(
    portfolio: Portfolio,
    *,
    roadmap_ids: Annotated[
        list[UUID] | None, Query(max_length=50, description="These roadmaps; the first 50 made, unless given.")
    ] = None,
    product_id: Annotated[UUID | None, Query(description="Only features of this product.")] = None,
) -> PortfolioRead:
    """See several roadmaps in one view.

    As a board of now, next, later and shipped, and as a timeline with a lane for each; with the teams that they share,
    the features that they date differently, and what of one waits for another.
    """
    return await portfolio.view(roadmap_ids or [], product_id=product_id)
