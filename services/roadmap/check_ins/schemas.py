"""What callers send and see of check-ins."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Remark, Resource, Share
from services.roadmap.domain.commitments import Health


class CheckInCreate(Body):
    team_id: UUID
    commitment_id: UUID | None = Field(
        default=None, description="What it is about; the team's work in all, unless given."
    )
    health: Health
    confidence: Annotated[Share, Field(description="How sure the team is to make it, from 0 to 1.")] | None = None
    note: Remark


class CheckInRead(Resource):
    team_id: UUID
    commitment_id: UUID | None
    health: Health
    confidence: float | None
    note: str
    made_by: str
