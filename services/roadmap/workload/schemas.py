"""What callers send and see of the workload."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Label, Reading
from services.roadmap.domain.calendars import FIRST_DAY, LAST_DAY
from services.roadmap.features.schemas import Days

PlanDay = Annotated[Day, Field(ge=FIRST_DAY, le=LAST_DAY)]


class FeatureDemand(Reading):
    feature_id: UUID
    days: float


class WeekOfDemandRead(Reading):
    monday: date
    capacity_days: float
    booked_days: float
    planned_days: float
    free_days: float
    over_days: float = Field(description="How much more is asked than there is; 0: not over-allocated.")
    features: list[FeatureDemand] = Field(description="Whose planned work it is, most first.")


class DemandRow(Reading):
    team_id: UUID
    team: str
    skill: str
    over_days: float = Field(description="Over all its weeks.")
    weeks: list[WeekOfDemandRead]


class UnassignedWork(Reading):
    feature_id: UUID
    skill: str
    effort_days: float
    starts_on: date
    ends_on: date


class WorkloadRead(Reading):
    first: date
    weeks: int
    over_allocated: int = Field(description="How many weeks of a team's skill are asked for more than there is.")
    rows: list[DemandRow]
    unassigned: list[UnassignedWork] = Field(description="Dated work for which no team was named.")
    undated: list[UUID] = Field(description="Features on these roadmaps that have work but no dates: not counted.")


class NeedEntry(Body):
    skill: Label
    days: Days
    team_id: UUID | None = Field(default=None, description="Of this team; of any with the skill, unless named.")


class FitQuestion(Body):
    starts_on: PlanDay
    ends_on: PlanDay
    needs: Annotated[list[NeedEntry], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _is_a_period(self) -> Self:
        if not 0 <= (self.ends_on - self.starts_on).days <= 7 * 156:
            raise ValueError("the period ends after it starts, and within 156 weeks")
        return self


class NeedAnswer(Reading):
    skill: str
    team_id: UUID | None
    days: float
    free_days: float
    short_days: float


class FitRead(Reading):
    fits: bool
    needs: list[NeedAnswer] = Field(description="In the order asked; what one takes, the next does not find.")
