"""HTTP for usage events."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import TypeAdapter

from services.chassis.answers import Created, created
from services.chassis.bulk import MAX_BYTES, Atomic, bulk_document, read_lines, whole_answer
from services.chassis.errors import Problem
from services.chassis.identity import USAGE_SCOPE
from services.chassis.routing import NDJSON, Router
from services.metrics.usage_events.schemas import UsageEventCreate, UsageEventRead
from services.metrics.usage_events.service import UsageEventService

FIRST_REPORT = {
    "name": "Report Shared",
    "occurred_at": "2026-01-31T09:00:00Z",
    "person": "user-4711",
    "account": "acme",
    "dedupe_key": "report-shared-889",
    "properties": {"plan": "pro", "recipients": 3},
}
BULK = bulk_document("UsageEventCreate")

router = Router(prefix="/v1/usage-events", tags=["Usage events"])
UsageEvents = Annotated[UsageEventService, Depends(UsageEventService)]

_lines: TypeAdapter[UsageEventCreate | Problem] = TypeAdapter(UsageEventCreate)


@router.post(scope=USAGE_SCOPE, example=FIRST_REPORT)
async def create_usage_event(new: UsageEventCreate, events: UsageEvents) -> Created[UsageEventRead]:
    """Record that somebody did something.

    With a dedupe key it counts once however often it is sent. KPIs whose `source` names the event count it at once;
    funnels and retention are read from events, too. Who it was is kept as a keyed hash only. A key that may only
    submit is answered with what it sent, also where another event is held under that dedupe key.
    """
    return created(await events.record(new))


@router.post(
    "/bulk",
    scope=USAGE_SCOPE,
    status=200,
    accepts=NDJSON,
    max_body_bytes=MAX_BYTES,
    example=FIRST_REPORT,
    extra=BULK,
)
async def bulk_usage_events(
    request: Request,
    events: UsageEvents,
    *,
    atomic: Atomic = False,
) -> Response:
    """Record many usage events, one per line.

    Each line is answered in its place: 201 for a new event, 200 for one that is held already, or the problem that it
    has. One bad line fails no other, unless you ask for all or none with `atomic=true`.
    """
    lines = await events.record_all(read_lines(await request.body(), _lines))
    return whole_answer(lines, atomic=atomic)


@router.get("/{event_id}", scope="metrics:read")
async def get_usage_event(event_id: UUID, events: UsageEvents) -> UsageEventRead:
    """Read a usage event."""
    return await events.get(event_id)
