"""HTTP for the strategy as a whole."""

from typing import Annotated

from fastapi import Depends, Query

from services.chassis.routing import Router
from services.roadmap.coverage.schemas import CoverageRead
from services.roadmap.coverage.service import CoverageService

router = Router(prefix="/v1/strategy", tags=["Strategy"])
Coverages = Annotated[CoverageService, Depends(CoverageService)]


@router.get("/coverage", scope="roadmap:read")
async def get_coverage(
    coverages: Coverages,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many of each kind at most.")] = 200,
) -> CoverageRead:
    """Read where strategy and plan do not meet.

    Needs that no feature answers, with the link of the chain that is missing and the greatest opportunity first;
    features in hand that nobody needs; differentiators that no feature makes true or that answer no need; objectives
    that nothing serves or that no budget pays for; budget lines that will be exceeded, dates and policies that the plan
    breaks, and by how much.
    """
    return await coverages.read(limit=limit)
