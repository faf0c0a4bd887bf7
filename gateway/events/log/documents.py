"""An event as the outside sees it: CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec, JSON format)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.chassis.events import Event


class PublicEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an event; what is only between services stays between them."""

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    datacontenttype: str = "application/json"
    workspaceid: UUID
    subjecttype: str
    subjectversion: int
    actorid: str
    actorkind: str
    position: int
    traceparent: str | msgspec.UnsetType = msgspec.UNSET
    data: Any


def public_document(event: Event[Any], position: int) -> str:
    """The event at its place in the workspace's log."""
    public = PublicEvent(
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject,
        time=event.time,
        workspaceid=event.workspace_id,
        subjecttype=event.subject_type,
        subjectversion=event.subject_version,
        actorid=event.actor_id,
        actorkind=event.actor_kind,
        position=position,
        traceparent=event.traceparent or msgspec.UNSET,
        data=event.data,
    )
    return msgspec.json.encode(public).decode()
