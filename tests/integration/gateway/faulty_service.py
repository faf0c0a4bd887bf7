"""A service that misbehaves on purpose: each request it hears is answered by the next scripted behaviour."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Heard:
    """A request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes = b""


Behaviour = Callable[["Talk"], Awaitable[None]]


@dataclass
class Talk:
    """One request being answered, with the hands on the socket."""

    heard: Heard
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
        await self.writer.drain()

    def reset(self) -> None:
        self.writer.transport.abort()

    def hang_up(self) -> None:
        self.writer.close()


def answer(body: bytes = b"{}", *, status: bytes = b"200 OK", head: bytes = b"") -> Behaviour:
    async def behave(talk: Talk) -> None:
        await talk.say(b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, head, len(body), body))

    return behave


def raw(*parts: bytes, close: bool = False) -> Behaviour:
    async def behave(talk: Talk) -> None:
        await talk.say(*parts)
        if close:
            talk.hang_up()

    return behave


async def reset(talk: Talk) -> None:
    talk.reset()


async def hang(talk: Talk) -> None:
    """Say nothing until the other side gives up."""
    await talk.reader.read()


@dataclass
class FaultyService:
    """Answers as `usually` unless `script` has something else in store for the next requests."""

    usually: Behaviour = field(default_factory=answer)
    script: list[Behaviour] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    url: str = ""
    reads_bodies: bool = True
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def forget(self) -> None:
        """Begin afresh, for the next test."""
        self.usually, self.script, self.heard = answer(), [], []
        self.connections = 0

    async def until(self, is_true: Callable[[], bool], *, seconds: float = 5) -> None:
        """Wait for a condition over what happened here."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(is_true)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while heard := await self._hear(reader):
                self.heard.append(heard)
                await self._notify()
                behaviour = self.script.pop(0) if self.script else self.usually
                await behaviour(Talk(heard, reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()
            await self._notify()

    async def _hear(self, reader: asyncio.StreamReader) -> Heard | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        line, *fields = head.decode("latin-1").strip().split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
        heard = Heard(line, headers)
        if self.reads_bodies:
            heard.body = await self._body(reader, headers)
        return heard

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        return body


@asynccontextmanager
async def faulty_service() -> AsyncIterator[FaultyService]:
    """Listens on a free port of the loopback interface."""
    service = FaultyService()
    handlers: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(service.serve(reader, writer))
        handlers.add(task)
        task.add_done_callback(handlers.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
        for task in list(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
