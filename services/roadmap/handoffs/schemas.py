"""What callers send and see of hand-offs."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Patch, Prose, Remark, Resource, Timestamp, Title, omitted
from services.roadmap.domain.handoffs import HandoffStatus

ToWhom = Annotated[Title, Field(description="Who takes it, where that is no team: an agency, a customer.")]


class HandoffCreate(Body):
    team_id: UUID = Field(description="The team that hands over.")
    to_team_id: UUID | None = Field(default=None, description="The team that takes it.")
    to_whom: ToWhom | None = None
    title: Title = Field(description="What is handed over.")
    description: Prose = ""
    due_on: Day
    feature_id: UUID | None = None
    release_id: UUID | None = None

    @model_validator(mode="after")
    def _between_two(self) -> Self:
        if self.team_id == self.to_team_id:
            raise ValueError("a hand-off goes from one team to another")
        if self.to_team_id is None and self.to_whom is None:
            raise ValueError("name the team that takes it, or say to whom it goes")
        return self


class HandoffUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    due_on: Day = omitted()


class HandoffStep(Body):
    to: HandoffStatus
    at: Timestamp | None = Field(default=None, description="When it happened; now, unless given.")
    reason: Remark | None = Field(default=None, description="Needed for returned and cancelled.")


class HandoffRead(Resource):
    team_id: UUID
    to_team_id: UUID | None
    to_whom: str | None
    title: str
    description: str
    due_on: date
    feature_id: UUID | None
    release_id: UUID | None
    status: HandoffStatus
    status_reason: str | None
    handed_over_at: Timestamp | None
    received_at: Timestamp | None
