"""One service as the gateway sees it: an address and a bounded set of kept connections.

Connections are lent last-in first-out, so that a quiet service keeps few of them, and none that has been idle longer
than the service itself would wait. When all are busy requests queue, and beyond the queue they are refused at once.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.proxy.connection import NEVER, Connection
from gateway.proxy.errors import Saturated, Stale, Unreachable
from gateway.proxy.exchange import Exchange

SWEEP_S = 0.1
SLOW_S = 0.5


@dataclass(frozen=True)
class UpstreamLimits:
    """How much of a service the gateway may hold, and how long it waits."""

    connections: int = 128
    queue: int = 1024
    queue_s: float = 5.0
    connect_s: float = 2.0
    idle_connection_s: float = 4.0
    stalled_body_s: float = 60.0


@dataclass(slots=True)
class UpstreamRequest:
    """A request as bytes: `payload` is the head with as much of the body as is there, `rest` the framed remainder."""

    payload: bytes
    timeout_s: float
    is_head: bool = False
    is_repeatable: bool = False
    rest: AsyncIterator[bytes] | None = None
    last: bytes = b""
    when_slow: Callable[[Exchange], None] | None = None


class Upstream:
    """Sends requests to one service over connections that it keeps."""

    def __init__(self, name: str, url: str, limits: UpstreamLimits | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"the address of {name} is not an http address: {url!r}")
        self.name = name
        self.authority = parts.netloc.rpartition("@")[2].encode("ascii")
        self.limits = limits or UpstreamLimits()
        self.stalled_body_s = self.limits.stalled_body_s
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._connecting = 0
        self._promised = 0
        self._queue: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop

    async def send(self, request: UpstreamRequest) -> Exchange:
        """Answer the exchange once the head of the response is there; raises UpstreamError.

        A request that is safe to repeat is sent a second time, on a new connection, when a kept one turns out to have
        been closed by the service in the meantime.
        """
        connection = await self._acquire()
        exchange = await self._ask(connection, request)
        if isinstance(exchange.error, Stale) and request.is_repeatable and request.rest is None:
            connection = await self._acquire(is_fresh=True)
            exchange = await self._ask(connection, request)
        if exchange.error is not None:
            raise exchange.error
        return exchange

    def close(self) -> None:
        """Close idle connections and give up the busy ones; for shutdown, after the requests have drained."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in [*self._idle, *self._busy]:
            connection.abort()

    @property
    def _has_room(self) -> bool:
        return len(self._busy) + self._connecting + self._promised < self.limits.connections

    @property
    def open_connections(self) -> int:
        return len(self._idle) + len(self._busy)

    async def _ask(self, connection: Connection, request: UpstreamRequest) -> Exchange:
        rest = request.rest
        now = self._loop.time()
        exchange = connection.begin(
            request.payload,
            deadline=now + request.timeout_s if rest is None else NEVER,
            is_head_request=request.is_head,
            is_sent=rest is None,
        )
        connection.slow_at, connection.when_slow = now + SLOW_S, request.when_slow
        try:
            if rest is not None:
                await self._stream(connection, exchange, rest, request)
            await exchange.head
        except BaseException:
            connection.abort()
            raise
        return exchange

    async def _stream(
        self, connection: Connection, exchange: Exchange, rest: AsyncIterator[bytes], request: UpstreamRequest
    ) -> None:
        async def pump() -> None:
            async for part in rest:
                await connection.write(part)
            connection.end(request.last, deadline=self._loop.time() + request.timeout_s)

        pumping = self._loop.create_task(pump())
        try:
            # A service may answer before it has heard everything, with 413 for instance.
            await asyncio.wait({pumping, exchange.head}, return_when=asyncio.FIRST_COMPLETED)
            if pumping.done():
                pumping.result()
        finally:
            if not pumping.done():
                pumping.cancel()
                with suppress(asyncio.CancelledError):
                    await pumping

    # Lending

    async def _acquire(self, *, is_fresh: bool = False) -> Connection:
        if not is_fresh:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed:
                    return self._lend(connection)
        if self._has_room:
            return self._lend(await self._connect())
        return self._lend(await self._wait_in_line() or await self._connect())

    def _lend(self, connection: Connection) -> Connection:
        self._busy.add(connection)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        return connection

    async def _connect(self) -> Connection:
        self._loop = loop = asyncio.get_running_loop()
        self._connecting += 1
        try:
            async with asyncio.timeout(self.limits.connect_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(self, loop), self._host, self._port, ssl=self._ssl
                )
        except (OSError, TimeoutError) as error:
            raise Unreachable(self.name, "cannot be reached") from error
        else:
            self._busy.add(connection)
            return connection
        finally:
            self._connecting -= 1
            self._admit()

    async def _wait_in_line(self) -> Connection | None:
        """Answer a connection that became free, or None when there is room to make one."""
        if len(self._queue) >= self.limits.queue:
            raise Saturated(self.name, "has more requests than it can answer")
        ticket: asyncio.Future[Connection | None] = self._loop.create_future()
        self._queue.append(ticket)
        try:
            async with asyncio.timeout(self.limits.queue_s):
                connection = await ticket
        except BaseException as error:
            self._give_back(ticket)
            if isinstance(error, TimeoutError):
                raise Saturated(self.name, "has more requests than it can answer") from error
            raise
        if connection is None:
            self._promised -= 1
        elif connection.is_closed:
            return None
        return connection

    def _give_back(self, ticket: asyncio.Future[Connection | None]) -> None:
        """Whoever stood in line has left, perhaps at the very moment of being served."""
        with suppress(ValueError):
            self._queue.remove(ticket)
        if not ticket.done() or ticket.cancelled():
            return
        connection = ticket.result()
        if connection is None:
            self._promised -= 1
            self._admit()
        elif not connection.is_closed:
            self.released(connection)

    def released(self, connection: Connection) -> None:
        """The connection's answer is whole and it may be used again."""
        self._busy.discard(connection)
        while self._queue:
            ticket = self._queue.popleft()
            if not ticket.done():
                self._busy.add(connection)
                ticket.set_result(connection)
                return
        connection.idle_since = self._loop.time()
        self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        """The connection is gone, whoever closed it."""
        self._busy.discard(connection)
        with suppress(ValueError):
            self._idle.remove(connection)
        self._admit()

    def _admit(self) -> None:
        """Let the first in line make a connection of its own, if there is room for one."""
        while self._queue and self._has_room:
            ticket = self._queue.popleft()
            if not ticket.done():
                self._promised += 1
                ticket.set_result(None)

    def _sweep(self) -> None:
        """One timer for all deadlines: two timers for each request would cost more than the request."""
        now = self._loop.time()
        for connection in [each for each in self._busy if each.deadline < now]:
            connection.expire()
        for connection in [each for each in self._busy if each.slow_at < now]:
            connection.slow()
        oldest = now - self.limits.idle_connection_s
        for connection in [each for each in self._idle if each.idle_since < oldest]:
            connection.close()
        has_work = self._busy or self._idle
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep) if has_work else None
