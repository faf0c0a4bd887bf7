"""The internal addresses that neighbours read: the feed and the snapshot."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from fastapi import Query, Request, Response

from services.chassis.feed import MAX_PAGE, Feed, FeedQuery
from services.chassis.identity import INTERNAL_SCOPE
from services.chassis.routing import Router
from services.chassis.snapshot import Snapshots

BATCH_JSON = "application/cloudevents-batch+json"
MAX_WAIT_S = 30

Answer = TypeVar("Answer")


def feed_router(feed: Feed, snapshots: Snapshots) -> Router:
    """`GET /internal/feed` and `GET /internal/snapshot`, for holders of an internal token."""
    router = Router(prefix="/internal", tags=["internal"])

    @router.get("/feed", scope=INTERNAL_SCOPE, unit_of_work=False, include_in_schema=False)
    async def read_feed(
        request: Request,
        *,
        after: Annotated[int, Query(ge=0)] = 0,
        feed_id: UUID | None = None,
        types: Annotated[tuple[str, ...], Query(alias="type")] = (),
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 500,
        wait: Annotated[float, Query(ge=0, le=MAX_WAIT_S)] = 0,
    ) -> Response:
        """The events after a position, in the CloudEvents batch format; waits for the first up to `wait` seconds."""
        query = FeedQuery(after=after, feed_id=feed_id, types=types, limit=limit)
        page = await _while_connected(request, feed.read(query, wait_s=wait))
        if page is None:
            return Response(status_code=204)
        headers = {"Feed-Id": str(page.feed_id), "Feed-Position": str(page.position), "Feed-Head": str(page.head)}
        return Response(page.body(), media_type=BATCH_JSON, headers=headers)

    @router.get("/snapshot", scope=INTERNAL_SCOPE, unit_of_work=False, include_in_schema=False)
    async def read_snapshot(
        cursor: str | None = None,
        types: Annotated[tuple[str, ...], Query(alias="type")] = (),
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 500,
    ) -> Response:
        """Some of the current state, and the position from which the feed carries on."""
        page = await snapshots.page(cursor=cursor, types=types, limit=limit)
        return Response(msgspec.json.encode(page), media_type="application/json")

    return router


async def _while_connected(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer | None:
    """The answer, or None when the reader has gone: nobody keeps a poll open for a process that was stopped."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for each in (task, gone):
            each.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
