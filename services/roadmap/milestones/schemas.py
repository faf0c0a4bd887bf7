"""What callers send and see of milestones."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Day, Patch, Prose, Resource, Title, omitted


class MilestoneCreate(Body):
    title: Title
    description: Prose = ""
    due_on: Day
    release_id: UUID | None = Field(default=None, description="The release whose launch waits for it.")


class MilestoneUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    due_on: Day = omitted()
    reached_on: Day | None = Field(default=None, description="The day on which it was so; null: not yet.")
    release_id: UUID | None = None


class MilestoneRead(Resource):
    title: str
    description: str
    due_on: date
    reached_on: date | None
    release_id: UUID | None
