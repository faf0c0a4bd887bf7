"""What callers send and see of subscriptions."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, EmailAddress, Patch, Reading, Resource, Timestamp, omitted
from services.roadmap.domain.attention import Channel, Delivery, SubjectKind, Topic

Topics = Annotated[list[Topic], Field(min_length=1, max_length=3)]


class SubscriptionCreate(Body):
    topics: Topics = ["overdue", "at_risk", "declined"]
    channel: Channel = Field(
        default="event",
        description="`mail`: to `email`. `event`: as `notification.raised` in the event log, and so by webhook.",
    )
    email: EmailAddress | None = None
    team_id: UUID | None = Field(default=None, description="Only what this team owes or waits for.")
    feature_id: UUID | None = None
    release_id: UUID | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if (self.channel == "mail") != (self.email is not None):
            raise ValueError("mail needs an email, and only mail does")
        return self


class SubscriptionUpdate(Patch):
    topics: Topics = omitted()


class SubscriptionRead(Resource):
    topics: list[Topic]
    channel: Channel
    email: str | None
    team_id: UUID | None
    feature_id: UUID | None
    release_id: UUID | None


class NotificationRead(Reading):
    id: UUID
    topic: Topic
    subject_kind: SubjectKind
    subject_id: UUID
    sentence: str
    delivery: Delivery
    attempts: int
    raised_at: Timestamp
    delivered_at: Timestamp | None
