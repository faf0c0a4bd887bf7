"""HTTP for risks."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.domain.risks import RiskStatus
from services.roadmap.risks.schemas import RiskCreate, RiskRead, RiskUpdate
from services.roadmap.risks.service import RiskService

BANK = {
    "title": "The bank opens its new interface later than announced",
    "probability": 0.3,
    "impact_days": 20,
    "mitigation": "Keep the old way in until both were tried side by side.",
    "review_on": "2027-02-15",
}

router = Router(prefix="/v1/risks", tags=["Coordination"])
Risks = Annotated[RiskService, Depends(RiskService)]


@router.post(scope="roadmap:write", example=BANK)
async def create_risk(new: RiskCreate, risks: Risks) -> Created[RiskRead]:
    """Write down a risk: how likely it is, what it would cost in days, and what is done about it."""
    return created(await risks.create(new))


@router.get(scope="roadmap:read")
async def list_risks(
    risks: Risks,
    page: Paging,
    *,
    status: Annotated[RiskStatus | None, Query(description="Only risks in this state.")] = None,
    team_id: Annotated[UUID | None, Query(description="Only risks that this team looks after.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only risks to this feature.")] = None,
    release_id: Annotated[UUID | None, Query(description="Only risks to this release.")] = None,
) -> Page[RiskRead]:
    """List risks, newest first."""
    return await risks.search(page, status=status, team_id=team_id, feature_id=feature_id, release_id=release_id)


@router.get("/{risk_id}", scope="roadmap:read")
async def get_risk(risk_id: UUID, risks: Risks) -> RiskRead:
    """Read a risk."""
    return RiskRead.model_validate(await risks.get(risk_id))


@router.patch("/{risk_id}", scope="roadmap:write", example={"probability": 0.1})
async def update_risk(risk_id: UUID, change: RiskUpdate, risks: Risks, if_match: IfMatch) -> RiskRead:
    """Change a risk: other odds, another mitigation, or that it happened."""
    return RiskRead.model_validate(await risks.update(risk_id, change, if_match=if_match))


@router.delete("/{risk_id}", scope="roadmap:write")
async def delete_risk(risk_id: UUID, risks: Risks, if_match: IfMatch) -> None:
    """Remove a risk; `closed` keeps it on record."""
    await risks.delete(risk_id, if_match=if_match)
