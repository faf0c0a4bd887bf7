"""What admins send and see of webhooks."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.events.patterns import EventTypePattern
from services.chassis.types import Body, Flag, Patch, Reading, Resource, Text, Timestamp, Whole, omitted

WebhookUrl = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000),
    Field(description="https, on the public Internet.", examples=["https://example.com/hooks/fullcircle"]),
]
Description = Annotated[Text, StringConstraints(max_length=200)]
EventTypes = Annotated[
    list[EventTypePattern],
    Field(
        min_length=1,
        max_length=50,
        description="What to be told of: `feature.created`, `feature.*`, or `*`; never of itself.",
    ),
]
DeliveryState = Literal["pending", "delivered", "failed"]


class WebhookCreate(Body):
    url: WebhookUrl
    description: Description = ""
    event_types: EventTypes = ["*"]


class WebhookUpdate(Patch):
    url: WebhookUrl = omitted()
    description: Description = omitted()
    event_types: EventTypes = omitted()
    is_enabled: Annotated[
        Flag, Field(description="True also after it was disabled because nothing could be delivered.")
    ] = omitted()


class WebhookRead(Resource):
    url: str
    description: str
    event_types: list[str]
    scopes: list[str] = Field(description="What the one who made it could read: events beyond that are not sent.")
    is_enabled: bool
    disabled_reason: Literal["by_admin", "gone", "failing"] | None = Field(
        description="`gone`: the receiver answered 410; `failing`: nothing could be delivered for five days."
    )
    disabled_at: Timestamp | None
    failing_since: Timestamp | None = Field(description="Since when no delivery has gone well; null when the last did.")
    previous_secret_until: Timestamp | None = Field(
        description="Until then messages are signed with the previous secret too."
    )


class WebhookWithSecret(WebhookRead):
    secret: str | None = Field(
        description="Verify messages with it. Shown this once; a replay under the same Idempotency-Key answers null.",
        examples=["whsec_..."],
    )

    shown_once: ClassVar[frozenset[str]] = frozenset({"secret"})


class SecretRotate(Body):
    overlap_hours: Annotated[Whole, Field(ge=0, le=168, description="How long the old secret is used too.")] = 24


class DeliveryRead(Resource):
    webhook_id: UUID
    event_id: UUID = Field(description="The `webhook-id` of the message: the same at every attempt.")
    event_type: str
    position: int | None = Field(description="The event's place in the log; null for a test.")
    state: DeliveryState = Field(description="`failed` after ten attempts, over about three days.")
    attempts: int
    next_attempt_at: Timestamp | None
    delivered_at: Timestamp | None


class AttemptRead(Reading):
    number: int
    at: Timestamp
    duration_ms: int
    status: int | None = Field(description="What the receiver answered; null when there was no answer.")
    error: str | None
    answer: str | None = Field(description="The beginning of what the receiver said.")


class DeliveryWithAttempts(DeliveryRead):
    history: list[AttemptRead]


class Replay(Body):
    since: Timestamp
    until: Annotated[Timestamp | None, Field(description="Up to now, unless given.")] = None
    deliveries: Annotated[
        Literal["undelivered", "all"], Field(description="`all` also sends again what was delivered.")
    ] = "undelivered"


class ReplayRead(Reading):
    queued: int = Field(description="How many events will be sent.")


def fields_of(row: Any) -> dict[str, Any]:
    """A webhook's row as the fields of `WebhookRead`."""
    return WebhookRead.model_validate(row).model_dump()
