"""What callers see of follow-ups."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Resource, Timestamp
from services.requirements.domain.following_up import Channel, FollowUpEvent, FollowUpState


class FollowUpRead(Resource):
    """What one contact was told of one requirement, or why they were not."""

    contact_id: UUID
    requirement_id: UUID
    feedback_id: UUID = Field(description="Where their quote stands.")
    event: FollowUpEvent
    verdict: str | None = Field(description="For `measured`: what the measurement said.")
    state: FollowUpState
    reason: str | None = Field(
        description="Why nothing was sent: `no_consent`, `unsubscribed` or `no_address`; or why sending failed."
    )
    channel: Channel | None = Field(description="`email`; or `event`, when the workspace's own systems send it.")
    quote: str
    subject: str
    body: str
    attempts: int
    settled_at: Timestamp | None
