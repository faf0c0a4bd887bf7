"""Routes under /v1/event-log, and /v1/stream-tickets."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request, Response
from starlette.responses import StreamingResponse

from gateway.events.log.place import Place
from gateway.events.log.reading import MAX_PAGE, LogPage, LogReader
from gateway.events.log.repository import LogQuery
from gateway.events.log.schemas import EventPage, StreamTicketRead
from gateway.events.log.standing import still_stands
from gateway.events.log.stream import LogStream, StreamSeats
from gateway.events.log.tickets import StreamTickets, allowed_origins
from gateway.events.patterns import EventTypePattern, TypeFilter
from gateway.events.visibility import visible
from services.chassis.errors import Unauthenticated
from services.chassis.identity import Principal
from services.chassis.routing import Router
from services.chassis.unit_of_work import Me, Work, context_of

router = Router(prefix="/v1", tags=["Follow what happens"])
seats = StreamSeats()

After = Annotated[
    str | None,
    Query(
        max_length=40, description="A `cursor` of this log, or an event's id in the stream.", examples=["1042-3f9a1c2b"]
    ),
]
Types = Annotated[
    tuple[EventTypePattern, ...],
    Query(alias="type", max_length=50, description="Only events of these types; repeat it for several."),
]
Subject = Annotated[UUID | None, Query(description="Only events about what has this id.")]


@router.get("/event-log", scope="events:read", unit_of_work=False, content=EventPage)
async def list_events(
    request: Request,
    me: Me,
    *,
    after: After = None,
    types: Types = (),
    subject: Subject = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many events at most.")] = 50,
) -> Response:
    """Read what happened.

    Events of all services in one order, from the oldest that is kept (30 days) or from `after`. You are told of what
    you may read: a key without `metrics:read` sees no events of metrics. Handle a page, keep its `cursor`, and send it
    as `after` the next time; nothing is missed or told twice in between. 410 names the `cursor` to start again from.
    """
    page = await _reader(request, me, types, subject).page(_place(after), limit=limit)
    cursor = str(page.reached)
    waiting = "null" if page.is_last else f'"{cursor}"'
    documents = ",".join(document for _, document in page.events)
    headers = {}
    if not page.is_last:
        following = request.url.include_query_params(after=cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    body = f'{{"items":[{documents}],"next_cursor":{waiting},"cursor":"{cursor}"}}'
    return Response(body, headers=headers, media_type="application/json")


EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
EVENT_STREAM = {
    "responses": {
        "200": {
            "description": "Server-sent events; `data` is an event as the log shows it, `id` its place.",
            "content": {"text/event-stream": {"schema": EVENT}},
        }
    }
}


@router.get("/event-log/stream", scope="events:read", unit_of_work=False, extra=EVENT_STREAM, answers=(410,))
async def follow_events(
    request: Request,
    me: Me,
    *,
    after: After = None,
    types: Types = (),
    subject: Subject = None,
    ticket: Annotated[
        str | None, Query(max_length=2_000, description="From `POST /v1/stream-tickets`, instead of a key.")
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=40, description="Sent by browsers that come back.")] = None,
) -> StreamingResponse:
    """Follow what happens, as server-sent events.

    Begins with what comes next, or goes on from `after` or `Last-Event-ID` without a gap. A sign of life every 15
    seconds; the stream ends when the key is revoked, and after an hour: come back with the last id. A browser opens it
    with `new EventSource("/v1/event-log/stream?ticket=...")`.
    """
    del ticket  # the edge has read it: whoever comes here is known
    if not await still_stands(context_of(request), me):
        raise Unauthenticated("The key behind this has been revoked, or has expired.")
    seats.require_free(me.workspace)
    reader = _reader(request, me, types, subject)
    given = _place(last_event_id or after)
    first = LogPage([], (await reader.extent()).end, is_last=True) if given is None else await reader.page(given)
    events = LogStream(context_of(request), me, reader, seats).events(first)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.post("/stream-tickets", scope="events:read")
async def create_stream_ticket(work: Work, me: Me) -> StreamTicketRead:
    """Get a ticket for the event stream.

    A browser's EventSource cannot send a key: your server asks for a ticket, and the page opens
    `/v1/event-log/stream?ticket=...` with it, within a minute, from wherever it is: the networks that a key is bound to
    are those where tickets are asked for. The stream may last longer than its ticket; to open it again later takes a
    new one, with `after` set to the last id that was seen.
    """
    workspace_kind, origins = await allowed_origins(work.session, me)
    tickets = StreamTickets(work.context.cursors, work.clock)
    ticket, expires_at = tickets.issue(me, workspace_kind=workspace_kind, origins=origins)
    return StreamTicketRead(ticket=ticket, expires_at=expires_at)


def _reader(request: Request, me: Principal, types: tuple[str, ...], subject: UUID | None) -> LogReader:
    query = LogQuery(scopes=visible(me.scopes), types=TypeFilter.of(types), subject=subject)
    return LogReader(context_of(request), me, query)


def _place(text: str | None) -> Place | None:
    return None if text is None else Place.parse(text)
