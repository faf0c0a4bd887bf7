"""What callers send and see of teams and their capacity."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.chassis.types import (
    Body,
    Day,
    Label,
    Metadata,
    MetadataPatch,
    Money,
    Patch,
    Reading,
    Real,
    Resource,
    Title,
    omitted,
)

People = Annotated[Real, Field(gt=0, le=10_000, description="People; a half counts.")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Subdivision = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,4}$")]
Weekdays = Annotated[
    list[Annotated[int, Field(strict=True, ge=1, le=7)]],
    Field(min_length=1, max_length=7, description="ISO weekdays: Monday is 1."),
]


class _Period(Body):
    @model_validator(mode="after")
    def _in_order(self) -> Self:
        starts_on, ends_on = getattr(self, "starts_on", None), getattr(self, "ends_on", None)
        if starts_on and ends_on and ends_on < starts_on:
            raise ValueError("it cannot end before it starts")
        return self


class StaffEntry(_Period):
    skill: Label
    people: People
    starts_on: Day | None = None
    ends_on: Day | None = None
    day_rate: Money | None = Field(default=None, description="What a person-day costs.")


class AbsenceEntry(_Period):
    starts_on: Day
    ends_on: Day
    skill: Label | None = Field(default=None, description="Of every skill, unless named.")
    people: People | None = Field(default=None, description="How many; all, unless given.")


StaffList = Annotated[list[StaffEntry], Field(max_length=200)]
Absences = Annotated[list[AbsenceEntry], Field(max_length=1_000)]


class TeamCreate(Body):
    name: Title
    function: Label = Field(default="engineering", examples=["design", "legal"])
    country: Country | None = Field(default=None, description="Keeps the public holidays of this country.")
    subdivision: Subdivision | None = Field(default=None, examples=["BY"])
    weekdays: Weekdays = [1, 2, 3, 4, 5]
    staff: StaffList = []
    absences: Absences = []
    metadata: Metadata = {}


class TeamUpdate(Patch):
    name: Title = omitted()
    function: Label = omitted()
    country: Country | None = None
    subdivision: Subdivision | None = None
    weekdays: Weekdays = omitted()
    staff: StaffList = omitted()
    absences: Absences = omitted()
    metadata: MetadataPatch = omitted()


class StaffRead(Reading):
    skill: str
    people: float
    starts_on: date | None
    ends_on: date | None
    day_rate: Money | None


class AbsenceRead(Reading):
    starts_on: date
    ends_on: date
    skill: str | None
    people: float | None


class TeamRead(Resource):
    name: str
    function: str
    country: str | None
    subdivision: str | None
    weekdays: list[int]
    staff: list[StaffRead]
    absences: list[AbsenceRead]
    metadata: dict[str, str] = Field(validation_alias="attributes")


class WeekRead(Reading):
    monday: date
    workdays: int
    people: float
    person_days: float


class SkillCapacity(Reading):
    skill: str
    weeks: list[WeekRead]


class CapacityRead(Reading):
    team_id: UUID
    skills: list[SkillCapacity]
