"""What callers send and see of a release's work packages."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Label, Patch, Remark, Resource, Timestamp, Title, omitted
from services.roadmap.domain.readiness import PackageStatus
from services.roadmap.release_templates.schemas import DaysBefore, FunctionName, IsBlocking, PackageDays

Needs = Annotated[list[UUID], Field(max_length=50, description="Work packages of this release that come first.")]


class _Due(Body):
    @model_validator(mode="after")
    def _due_once(self) -> Self:
        if getattr(self, "due_on", None) is not None and getattr(self, "days_before_launch", None) is not None:
            raise ValueError("give due_on or days_before_launch, not both")
        return self


class WorkPackageCreate(_Due):
    title: Title
    function: FunctionName
    team_id: UUID | None = None
    skill: Label | None = None
    effort_days: PackageDays = 0.0
    due_on: Day | None = None
    days_before_launch: DaysBefore | None = None
    is_blocking: IsBlocking = True
    needs: Needs = []


class WorkPackageUpdate(_Due, Patch):
    title: Title = omitted()
    function: FunctionName = omitted()
    team_id: UUID | None = None
    skill: Label | None = None
    effort_days: PackageDays = omitted()
    due_on: Day | None = None
    days_before_launch: DaysBefore | None = None
    is_blocking: IsBlocking = omitted()
    needs: Needs = omitted()
    status: PackageStatus = omitted()
    status_reason: Remark | None = Field(default=None, description="Needed for `dropped`.")
    actual_effort_days: PackageDays | None = None


class WorkPackageRead(Resource):
    release_id: UUID
    title: str
    function: str
    team_id: UUID | None
    skill: str | None
    effort_days: float
    due_on: date | None = Field(validation_alias="due", description="Its own day, or counted back from the launch.")
    days_before_launch: int | None
    is_blocking: bool
    needs: list[UUID] = Field(validation_alias="needs_ids")
    status: PackageStatus
    status_reason: str | None
    started_at: Timestamp | None
    done_at: Timestamp | None
    actual_effort_days: float | None
