"""What callers send and see of stakeholder updates."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.chassis.types import Body, EmailAddress, LongText, Patch, Reading, Resource, Timestamp, Title, omitted
from services.roadmap.domain.letters import Delivery, UpdateStatus

Email = Annotated[EmailAddress, AfterValidator(str.lower)]
Recipients = Annotated[
    list[Email], Field(max_length=200, description="Whom it is mailed to. Nobody sees who else gets it.")
]


class UpdateCreate(Body):
    roadmap_id: UUID
    audience_id: UUID = Field(description="What it tells is what this audience may see.")
    recipients: Recipients | None = Field(default=None, description="Null: those of the update before.")


class UpdateUpdate(Patch):
    title: Title = omitted()
    body: LongText = omitted()
    recipients: Recipients = omitted()


class RecipientRead(Reading):
    email: str
    delivery: Delivery = Field(description="`taken` by the mail server, `refused` for good, or still `waiting`.")
    settled_at: Timestamp | None


class UpdateRead(Resource):
    roadmap_id: UUID
    audience_id: UUID
    status: UpdateStatus
    title: str
    body: str = Field(description="Plain text.")
    since_id: UUID | None = Field(description="The update sent before: this one tells what changed since.")
    recipients: list[RecipientRead]
    approved_by: str | None
    approved_at: Timestamp | None
    sent_at: Timestamp | None


class ReplyCreate(Body):
    text: LongText = Field(description="Their words.")
    email: Email | None = Field(default=None, description="Who wrote it.")


class ReplyRead(Reading):
    id: UUID
    update_id: UUID
    feedback_id: UUID | None = Field(description="What it has become; null until requirements has taken it.")
    received_at: Timestamp
