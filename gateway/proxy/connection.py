"""One kept HTTP/1.1 connection to a service: bytes in, parser events out."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

import httptools

from gateway.proxy.errors import Broken, Stale, TooSlow, UpstreamError
from gateway.proxy.exchange import Exchange

NEVER = float("inf")
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class Owner(Protocol):
    """Who lends the connection out and wants it back."""

    name: str
    stalled_body_s: float

    def released(self, connection: "Connection") -> None: ...

    def lost(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Speaks one exchange at a time and gives itself back to its owner when the answer is whole."""

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self.is_closed = False
        self.deadline = NEVER
        self.slow_at = NEVER
        self.when_slow: Callable[[Exchange], None] | None = None
        self.idle_since = 0.0
        self.exchange: Exchange | None = None
        self._owner = owner
        self._loop = loop
        self._parser: Any = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._writable: asyncio.Future[None] | None = None
        self._is_reused = False
        self._prepare()

    def _prepare(self) -> None:
        self._is_sent = False
        self._has_heard = False
        self._is_interim = False
        self._is_whole = False
        self._is_overrun = False
        self._is_kept_alive = False
        self._ends_with_connection = False
        self._is_paused = False

    # Asking

    def begin(
        self, payload: bytes, *, deadline: float, is_head_request: bool = False, is_sent: bool = True
    ) -> Exchange:
        """Send a request, or its first part, and return the exchange in which the answer will arrive."""
        self._prepare()
        self._is_sent = is_sent
        self.deadline = deadline
        self.exchange = exchange = Exchange(self, self._loop, is_head_request=is_head_request)
        self._transport.write(payload)
        return exchange

    async def write(self, data: bytes) -> None:
        """Send more of the body, no faster than the service takes it; without effect once the connection is gone."""
        if not self.is_closed:
            self._transport.write(data)
            if self._writable is not None:
                await self._writable

    def end(self, data: bytes, *, deadline: float) -> None:
        """Send the last of the body; from here on the service's time runs."""
        if not self.is_closed:
            self._is_sent = True
            self.deadline = deadline
            self._transport.write(data)

    def expire(self) -> None:
        self._fail(TooSlow(self._owner.name, "did not answer in time"))

    def slow(self) -> None:
        self.slow_at = NEVER
        if self.when_slow is not None and self.exchange is not None:
            self.when_slow(self.exchange)

    def abort(self) -> None:
        self._fail(Broken(self._owner.name, "was not heard to the end"))

    def close(self) -> None:
        self.is_closed = True
        self._transport.close()

    # Back-pressure: `pause` and `resume` come from the exchange, the others from the transport.

    def pause(self) -> None:
        if not self._is_paused and not self.is_closed:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._is_paused and not self.is_closed:
            self._is_paused = False
            self.deadline = self._loop.time() + self._owner.stalled_body_s
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None:
            # Nobody asked: whatever this is must not become the answer to the next request.
            self.close()
            return
        self._has_heard = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._is_whole:
                self._fail(Broken(self._owner.name, "gave an answer that is not HTTP"))
                return
            self._is_overrun = True
        if self._is_whole:
            self._complete(exchange)
        elif exchange.status:
            self.deadline = self._loop.time() + self._owner.stalled_body_s

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if self.exchange is not None and self._ends_with_connection and exc is None:
            self._complete(self.exchange)
        else:
            self._fail(self._loss())
        self.resume_writing()
        self._owner.lost(self)

    def _loss(self) -> UpstreamError:
        if self._is_reused and not self._has_heard:
            return Stale(self._owner.name, "closed the connection before it answered")
        return Broken(self._owner.name, "broke the connection before the answer was whole")

    def _complete(self, exchange: Exchange) -> None:
        if self._is_paused:
            self.resume()
        self.exchange = None
        self.deadline = self.slow_at = NEVER
        self.when_slow = None
        self._is_reused = True
        exchange.finish()
        if self._is_kept_alive and self._is_sent and not self._is_overrun and not self.is_closed:
            self._owner.released(self)
        else:
            self.close()

    def _fail(self, error: UpstreamError) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.fail(error)
        self.is_closed = True
        self._transport.abort()

    # The parser's side

    def on_message_begin(self) -> None:
        self._is_overrun = self._is_whole

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.exchange is not None and not self._is_whole:
            self.exchange.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        exchange = self.exchange
        if exchange is None or self._is_whole:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._is_interim = True
            exchange.headers.clear()
            return
        self._is_kept_alive = self._parser.should_keep_alive()
        if exchange.is_head_request:
            # llhttp cannot be told that this answer has no body: its state is thrown away with the parser.
            self._is_whole = True
            self._parser = httptools.HttpResponseParser(self)
        elif not self._is_kept_alive:
            self._ends_with_connection = not any(name in _FRAMING for name, _ in exchange.headers)
        exchange.begin(status)

    def on_body(self, body: bytes) -> None:
        if self._is_whole or self.exchange is None:
            self._is_overrun = True
        else:
            self.exchange.feed(body)

    def on_message_complete(self) -> None:
        if self._is_interim:
            self._is_interim = False
        else:
            self._is_whole = True
