"""What callers send and see of allocations."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Label, Patch, Resource, Title, omitted
from services.roadmap.teams.schemas import People


class AllocationCreate(Body):
    team_id: UUID
    skill: Label
    people: People
    starts_on: Day
    ends_on: Day
    title: Title = Field(description="What for, in a few words.")
    feature_id: UUID | None = Field(
        default=None, description="The feature that they work on; without one they are kept out of every plan."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("it cannot end before it starts")
        return self


class AllocationUpdate(Patch):
    people: People = omitted()
    starts_on: Day = omitted()
    ends_on: Day = omitted()
    title: Title = omitted()


class AllocationRead(Resource):
    team_id: UUID
    skill: str
    people: float
    starts_on: date
    ends_on: date
    title: str
    feature_id: UUID | None
