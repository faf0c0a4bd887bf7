"""Digest subscriptions as callers send and see them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.mail import Delivery
from services.chassis.types import Body, Count, EmailAddress, Patch, Reading, Resource, Timestamp, omitted
from services.metrics.domain.weekly import Weekday
from services.metrics.kpis.schemas import TimeZone

Channel = Literal["mail", "event"]
Hour = Annotated[Count, Field(le=23)]


class DigestSubscriptionCreate(Body):
    """Who gets a dashboard's digest, and when."""

    dashboard_id: UUID
    channel: Channel = Field(
        default="event",
        description="`mail`: to `email`. `event`: as `digest.made` in the event log, and so by webhook.",
    )
    email: EmailAddress | None = Field(default=None, description="Of somebody who agreed to get it.")
    weekday: Weekday = "monday"
    hour: Hour = 8
    time_zone: TimeZone = "UTC"

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if (self.channel == "mail") != (self.email is not None):
            raise ValueError("mail needs an email, and only mail does")
        return self


class DigestSubscriptionUpdate(Patch):
    """What is to change; for another address make another subscription."""

    weekday: Weekday = omitted()
    hour: Hour = omitted()
    time_zone: TimeZone = omitted()


class DigestSubscriptionRead(Resource):
    """Who gets a dashboard's digest, and when."""

    dashboard_id: UUID
    channel: Channel
    email: str | None
    weekday: Weekday
    hour: int
    time_zone: str
    next_due_at: Timestamp


class DigestDeliveryRead(Reading):
    """One digest for one subscriber, and whether it got there."""

    id: UUID
    digest_id: UUID
    due_at: Timestamp
    delivery: Delivery
    attempts: int
    delivered_at: Timestamp | None
