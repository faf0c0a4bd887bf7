"""The addresses that Segment's libraries call, with that protocol's authentication, statuses and tolerance."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from services.chassis.identity import USAGE_SCOPE
from services.chassis.routing import Router
from services.chassis.types import Reading
from services.metrics.adapters.segment.service import SegmentService

# Browsers send beacons as text, so that no preflight is needed.
TAKEN = ("application/json", "text/plain")
PROTOCOL: dict[str, Any] = {"x-foreign-protocol": "segment", "x-basic-authentication": True}
WHOLE = {
    "userId": "user-4711",
    "messageId": "message-1",
    "timestamp": "2026-01-31T09:00:00Z",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "track": {**WHOLE, "event": "Order Completed", "properties": {"revenue": 39.95, "plan": "pro"}},
    "identify": {**WHOLE, "anonymousId": "browser-1", "traits": {"plan": "pro"}},
    "page": {**WHOLE, "name": "Pricing", "properties": {"path": "/pricing"}},
    "screen": {**WHOLE, "name": "Inbox"},
    "group": {**WHOLE, "groupId": "acme"},
    "alias": {"previousId": "browser-1", "userId": "user-4711"},
}
SAID = {
    "track": "Record what somebody did; `event` is its name.",
    "identify": "Say who somebody is: what they did as `anonymousId` is counted as theirs. Traits are not kept.",
    "page": "Record that a page was seen, as the event `Page Viewed` with the property `name`.",
    "screen": "Record that a screen was seen, as the event `Screen Viewed` with the property `name`.",
    "group": "Record that somebody belongs to an account, as the event `Group Joined`. Traits are not kept.",
    "alias": "Say that two ids are one person: what `previousId` did is counted as done by `userId`.",
}
HOW = (
    "For Segment's libraries: point their host here, with an API key of the scope `usage-events:submit` as the write "
    "key (HTTP Basic, the key as the user name). As that protocol has it, unknown fields are no fault, and a message "
    "that cannot be used is dropped."
)

router = Router(prefix="/v1", tags=["Segment"])
Segment = Annotated[SegmentService, Depends(SegmentService)]


class SegmentAnswer(Reading):
    """What the protocol answers."""

    success: bool = True


def body_of(example: Any) -> dict[str, Any]:
    """How the body is documented: an object, whatever is in it."""
    content = {media: {"schema": {"type": "object"}, "example": example} for media in TAKEN}
    return {"requestBody": {"required": True, "content": content}, **PROTOCOL}


BATCH = {"batch": [{"type": kind, **example} for kind, example in EXAMPLES.items()], "sentAt": WHOLE["timestamp"]}


@router.post("/batch", scope=USAGE_SCOPE, status=200, accepts=TAKEN, extra=body_of(BATCH), answers=(400,))
async def send_segment_batch(request: Request, segment: Segment) -> SegmentAnswer:
    """Take in a batch of Segment messages.

    For Segment's libraries: point their host here, with an API key of the scope `usage-events:submit` as the write key
    (HTTP Basic, the key as the user name). Messages count once by their `messageId`. As that protocol has it, unknown
    fields are no fault, and a message that cannot be used is dropped.
    """
    await segment.take_batch(await request.body())
    return SegmentAnswer()


def _taking(kind: str) -> Callable[..., Awaitable[SegmentAnswer]]:
    async def take(request: Request, segment: Segment) -> SegmentAnswer:
        await segment.take(kind, await request.body())
        return SegmentAnswer()

    take.__name__ = f"send_segment_{kind}"
    take.__doc__ = f"Take in a Segment `{kind}` message.\n\n{SAID[kind]}\n\n{HOW}"
    return take


for each, example in EXAMPLES.items():
    router.post(
        f"/{each}",
        scope=USAGE_SCOPE,
        status=200,
        accepts=TAKEN,
        extra=body_of(example),
        answers=(400,),
    )(_taking(each))
