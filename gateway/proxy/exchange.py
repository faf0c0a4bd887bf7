"""One request to a service and its answer."""

import asyncio
from collections import deque
from typing import Protocol

from gateway.proxy.errors import UpstreamError

Headers = list[tuple[bytes, bytes]]

# Above the high mark the service is no longer read from until the caller has taken what is there.
HIGH_WATER_BYTES = 256 * 1024


class Flow(Protocol):
    """The connection's side of back-pressure."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def abort(self) -> None: ...


class Exchange:
    """The answer as it arrives: await `head`, look at `error`, then `read()` until it gives no more bytes."""

    __slots__ = (
        "_buffered",
        "_chunks",
        "_flow",
        "_more",
        "complete",
        "error",
        "head",
        "headers",
        "is_head_request",
        "status",
    )

    def __init__(self, flow: Flow, loop: asyncio.AbstractEventLoop, *, is_head_request: bool = False) -> None:
        self.head: asyncio.Future[None] = loop.create_future()
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self.error: UpstreamError | None = None
        self.is_head_request = is_head_request
        self._flow = flow
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._more: asyncio.Future[None] | None = None

    async def read(self) -> bytes:
        """Answer what has come since the last call, b"" at the end; raises UpstreamError when the body is cut short."""
        while not self._chunks:
            if self.error is not None:
                raise self.error
            if self.complete:
                return b""
            self._more = self.head.get_loop().create_future()
            await self._more
        chunks = self._chunks
        data = chunks.popleft() if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        if self._buffered > HIGH_WATER_BYTES:
            self._flow.resume()
        self._buffered = 0
        return data

    def abort(self) -> None:
        """Give the rest of the answer up, and with it the connection."""
        if not self.complete:
            self._flow.abort()

    # What the connection tells us.

    def begin(self, status: int) -> None:
        self.status = status
        if not self.head.done():
            self.head.set_result(None)

    def feed(self, data: bytes) -> None:
        self._chunks.append(data)
        self._buffered += len(data)
        if self._buffered > HIGH_WATER_BYTES:
            self._flow.pause()
        self._wake()

    def finish(self) -> None:
        self.complete = True
        self._wake()

    def fail(self, error: UpstreamError) -> None:
        # Never set_exception: an exchange that nobody awaits any more would warn about it when collected.
        self.error = error
        if not self.head.done():
            self.head.set_result(None)
        self._wake()

    def _wake(self) -> None:
        if self._more is not None:
            if not self._more.done():
                self._more.set_result(None)
            self._more = None
