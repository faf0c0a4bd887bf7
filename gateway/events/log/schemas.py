"""What readers of the event log see."""

from typing import Any
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp


class EventRead(Reading):
    """What happened, as CloudEvents 1.0 has it: ids and facts, never people's words."""

    specversion: str = Field(examples=["1.0"])
    id: UUID = Field(description="The same wherever this event is seen; also the `webhook-id` of its delivery.")
    source: str = Field(examples=["/roadmap"])
    type: str = Field(examples=["feature.created"])
    subject: UUID = Field(description="The id of what this is about.")
    time: Timestamp
    datacontenttype: str = Field(examples=["application/json"])
    workspaceid: UUID
    subjecttype: str = Field(examples=["feature"])
    subjectversion: int = Field(description="The subject's version after the event: ignore what you know already.")
    actorid: str = Field(description="Who did it.", examples=["key:019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77"])
    actorkind: str = Field(examples=["key"])
    position: int = Field(description="The place in your workspace's log: 1, 2, 3 without a gap.")
    traceparent: str | None = Field(default=None, description="The trace of the request that caused it.")
    data: dict[str, Any]


class EventPage(Reading):
    """Some of the log, in its order."""

    items: list[EventRead]
    next_cursor: str | None = Field(
        description="Send it as `after` for the events that are waiting; null when there are none.",
    )
    cursor: str = Field(
        description="Where this page ends. Keep it when you have handled the page, and go on from it later.",
        examples=["1042-3f9a1c2b"],
    )


class StreamTicketRead(Reading):
    """Opens the event stream from a browser, in place of a key."""

    ticket: str
    expires_at: Timestamp
