"""The caller's body as it comes in: counted, and not waited for longer than is decent."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.types import Message, Receive

from gateway.errors import CallerGone
from gateway.proxy.headers import RequestHead
from services.chassis.errors import ContentTooLarge, Problem, RequestTimeout

STALL_S = 10.0
UPLOAD_S = 120.0
# So much of a body that is too large is still taken in, so that a caller who writes first and reads later sees the 413.
LINGER_BYTES = 32 * 1024 * 1024
LINGER_S = 5.0


class RequestBody:
    """Reads a body of at most `limit` bytes, part by part."""

    def __init__(self, receive: Receive, head: RequestHead, *, limit: int) -> None:
        self.is_ended = not head.has_body
        self._receive = receive
        self._head = head
        self._limit = limit
        self._count = 0
        self._began = time.monotonic()

    async def first(self) -> bytes:
        """Answer the first part; raises ContentTooLarge before reading when the announced length is over the limit."""
        if self.is_ended:
            return b""
        if self._head.content_length is not None and self._head.content_length > self._limit:
            raise self._too_large()
        return await self._part()

    async def rest(self) -> AsyncIterator[bytes]:
        """Give the further parts, framed as the service will see them: chunked unless the length is known."""
        while not self.is_ended:
            part = await self._part()
            if part:
                yield self.framed(part)

    def framed(self, part: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(part), part) if self._head.is_chunked and part else part

    async def receive(self) -> Message:
        """What our own application is told of the body, under the same limits; after its end, when the caller goes."""
        if self.is_ended:
            return await self._receive()
        message = await self._in_time()
        if message["type"] == "http.request":
            self._take(message)
        return message

    async def _part(self) -> bytes:
        message = await self._in_time()
        if message["type"] == "http.disconnect":
            raise CallerGone
        return self._take(message)

    async def _in_time(self) -> Message:
        patience_s = min(STALL_S, self._began + UPLOAD_S - time.monotonic())
        try:
            async with asyncio.timeout(patience_s):
                return await self._receive()
        except TimeoutError:
            raise RequestTimeout("The body did not come, or did not end, in time.") from None

    def _take(self, message: Message) -> bytes:
        part: bytes = message.get("body", b"")
        self._count += len(part)
        self.is_ended = not message.get("more_body", False)
        if self._count > self._limit:
            raise self._too_large()
        return part

    async def hangup(self) -> None:
        """Return when the caller has gone; only once the body has ended."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _too_large(self) -> Problem:
        return ContentTooLarge(f"The body may have at most {self._limit} bytes.", limit_bytes=self._limit)

    async def linger(self) -> None:
        """Take in what is still on its way, within reason, before an answer closes the connection."""
        if self._head.expects_continue and not self._count:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while not self.is_ended and self._count < LINGER_BYTES:
                    message = await self._receive()
                    self._count += len(message.get("body", b""))
                    self.is_ended = not message.get("more_body", False)
