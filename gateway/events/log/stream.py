"""The log as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from gateway.events.log.place import Place
from gateway.events.log.reading import LogPage, LogReader
from gateway.events.log.standing import still_stands
from services.chassis.context import ServiceContext
from services.chassis.errors import TooManyRequests, Unavailable
from services.chassis.identity import Principal

HEARTBEAT_S = 15.0
LONGEST_S = 3600.0
RECONNECT_MS = 3_000
MAX_STREAMS = 1_000
MAX_STREAMS_OF_WORKSPACE = 100
KEYS_TOPIC = "api_keys"


def log_topic(workspace_id: UUID) -> str:
    """What is said after something was appended to this workspace's log."""
    return f"event-log:{workspace_id}"


class StreamSeats:
    """How many may follow at once in this process: a stream costs memory for as long as it lasts."""

    def __init__(self) -> None:
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def taken(self, workspace_id: UUID) -> Iterator[None]:
        """Raises TooManyRequests or Unavailable when there is no seat left."""
        self.require_free(workspace_id)
        self._taken[workspace_id] += 1
        try:
            yield
        finally:
            self._taken[workspace_id] -= 1
            if not self._taken[workspace_id]:
                del self._taken[workspace_id]

    def require_free(self, workspace_id: UUID) -> None:
        """Raises TooManyRequests or Unavailable."""
        if self._taken[workspace_id] >= MAX_STREAMS_OF_WORKSPACE:
            raise TooManyRequests("Your workspace follows too many streams at once.", headers={"Retry-After": "10"})
        if self._taken.total() >= MAX_STREAMS:
            raise Unavailable("Too many streams are followed at once.", retry_after_s=10)


class LogStream:
    """One follower of a log, from a place on, for as long as they may be told."""

    def __init__(self, context: ServiceContext, principal: Principal, reader: LogReader, seats: StreamSeats) -> None:
        self._context = context
        self._principal = principal
        self._reader = reader
        self._seats = seats

    async def events(self, first: LogPage) -> AsyncIterator[str]:
        """The first page, and whatever comes after it.

        Each event's id is its place in the log, so that a client which comes back with Last-Event-ID misses nothing.
        A place without an event is told too, now and then: a filter that matches seldom must not fall behind what is
        kept.
        """
        clock = asyncio.get_running_loop()
        until = clock.time() + LONGEST_S
        wakeup = self._context.wakeup
        page = first
        with (
            self._seats.taken(self._principal.workspace),
            wakeup.subscribe(log_topic(self._principal.workspace)) as heard,
            wakeup.subscribe(KEYS_TOPIC) as keys,
        ):
            heard.wake()  # something may have come between the first page and this subscription
            yield f"retry: {RECONNECT_MS}\n\n"
            while True:
                for position, document in page.events:
                    yield _event(Place(position, page.reached.epoch), document)
                if page.is_last:
                    if not page.events:
                        yield f": here\nid: {page.reached}\n\n"
                    await _either(heard.wait(HEARTBEAT_S), keys.wait(HEARTBEAT_S))
                if wakeup.is_released or clock.time() > until:
                    return
                if not await still_stands(self._context, self._principal):
                    return
                page = await self._reader.page(page.reached)


async def _either(*waits: Coroutine[Any, Any, bool]) -> None:
    """Until one of them is over."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _event(place: Place, document: str) -> str:
    return f"id: {place}\ndata: {document}\n\n"
