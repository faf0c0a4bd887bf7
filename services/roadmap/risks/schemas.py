"""What callers send and see of risks."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Day, Patch, Prose, Resource, Share, Title, omitted
from services.roadmap.domain.risks import RiskStatus
from services.roadmap.features.schemas import Days

Probability = Annotated[Share, Field(description="How likely it is, from 0 to 1.")]
Impact = Annotated[Days, Field(description="How many days it would cost.")]


class RiskCreate(Body):
    title: Title
    description: Prose = ""
    probability: Probability
    impact_days: Impact
    mitigation: Prose = Field(default="", description="What is done so that it does not happen, or costs less.")
    team_id: UUID | None = Field(default=None, description="The team that looks after it.")
    feature_id: UUID | None = None
    release_id: UUID | None = None
    review_on: Day | None = None


class RiskUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    probability: Probability = omitted()
    impact_days: Impact = omitted()
    mitigation: Prose = omitted()
    team_id: UUID | None = None
    feature_id: UUID | None = None
    release_id: UUID | None = None
    review_on: Day | None = None
    status: RiskStatus = omitted()


class RiskRead(Resource):
    title: str
    description: str
    probability: float
    impact_days: float
    exposure_days: float = Field(description="probability x impact_days: what it costs on average.")
    mitigation: str
    team_id: UUID | None
    feature_id: UUID | None
    release_id: UUID | None
    review_on: date | None
    status: RiskStatus
