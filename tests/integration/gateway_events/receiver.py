"""A webhook receiver: an HTTP server that keeps what it gets and answers as it is told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.integration.gateway_events.waiting import until
from tests.integration.outbound.trap import answer


@dataclass(frozen=True)
class Message:
    """One request: its headers by lower-case name, and the body's bytes."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Answers with `statuses` one after the other, the last one for ever; `hangs` answers nothing at all."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    extra: str = ""
    messages: list[Message] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        head = f"HTTP/1.1 {status} Said\r\n{self.extra}Content-Length: 2\r\nConnection: close\r\n\r\nok"
        with contextlib.suppress(ConnectionError):
            self.note(await answer(reader, writer, head.encode()))

    def note(self, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")[1:]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.messages.append(Message(headers, body))

    async def got(self, count: int) -> list[Message]:
        """The messages, once there are so many."""
        await until(lambda: len(self.messages) >= count, what=f"{count} messages, not {len(self.messages)}")
        return self.messages


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    async with server:
        yield receiver
