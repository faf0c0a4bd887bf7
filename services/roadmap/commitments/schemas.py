"""What callers send and see of commitments."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Patch, Reading, Remark, Resource, Timestamp, Title, omitted
from services.roadmap.domain.commitments import Answer, CommitmentStatus
from services.roadmap.features.schemas import Days

ForWhom = Annotated[Title, Field(description="Who waits for it, where that is no team: a customer, the board.")]


class CommitmentCreate(Body):
    team_id: UUID = Field(description="The team that is asked.")
    title: Title = Field(description="What it would owe.")
    due_on: Day
    for_team_id: UUID | None = Field(default=None, description="The team that waits for it.")
    for_whom: ForWhom | None = None
    feature_id: UUID | None = None
    release_id: UUID | None = None
    effort_days: Days | None = None


class CommitmentUpdate(Patch):
    title: Title = omitted()
    due_on: Day = omitted()
    for_team_id: UUID | None = None
    for_whom: ForWhom | None = None
    effort_days: Days | None = None


class AnswerCreate(Body):
    answer: Answer
    reason: Remark | None = Field(default=None, description="Needed to decline and to flag a risk.")
    expected_on: Day | None = Field(default=None, description="The day on which the team thinks it will be done.")


class CommitmentRead(Resource):
    team_id: UUID
    title: str
    due_on: date
    for_team_id: UUID | None
    for_whom: str | None
    feature_id: UUID | None
    release_id: UUID | None
    effort_days: float | None
    status: CommitmentStatus
    reason: str | None
    expected_on: date | None
    asked_by: str
    answered_by: str | None
    answered_at: Timestamp | None
    done_at: Timestamp | None


class CommitmentRequest(Body):
    feature_ids: Annotated[list[UUID], Field(max_length=200)] = []
    release_id: UUID | None = None
    due_on: Day | None = Field(default=None, description="Where neither roadmap, deadline nor release has a day.")

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.feature_ids and self.release_id is None:
            raise ValueError("name features, a release, or both")
        return self


class CommitmentsAsked(Reading):
    asked: list[CommitmentRead]
    answered_before: list[UUID] = Field(description="Commitments for the same work that were there already.")
    without_team: list[UUID] = Field(description="Features and work packages whose work no team was named for.")
    without_day: list[UUID] = Field(description="Features and work packages for which no day is known.")
