"""A listener that counts who comes, and a wire that notes where to: what a guarded client must never reach."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncaught"


@dataclass
class Trap:
    """Listens on 127.0.0.1 and, where there is one, on ::1, under one port."""

    port: int = 0
    connections: int = 0

    async def catch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await answer(reader, writer, ANSWER)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *parts: bytes) -> bytes:
    """Read a request, write these bytes, hang up; answers the request's head and body."""
    request = b""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        request = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", request)
        request += await reader.readexactly(int(length[1]) if length else 0)
        writer.write(b"".join(parts))  # writelines of nothing turns for ever in asyncio of Python 3.13
        await writer.drain()
    writer.close()
    return request


@asynccontextmanager
async def trap_set() -> AsyncIterator[Trap]:
    trap = Trap()
    first = await asyncio.start_server(trap.catch, "127.0.0.1", 0)
    trap.port = first.sockets[0].getsockname()[1]
    servers = [first]
    if socket.has_ipv6:
        servers.append(await asyncio.start_server(trap.catch, "::1", trap.port))
    try:
        yield trap
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


@dataclass
class NameServer:
    """A stub that answers one list of addresses per question, the last one for ever."""

    answers: Sequence[Sequence[str]]
    questions: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.questions.append(host)
        return self.answers[min(len(self.questions), len(self.answers)) - 1]


@dataclass
class Wire(httpcore.AsyncNetworkBackend):
    """Notes every address that is dialled; `leads_to` is where the public ones end up, else nobody answers there."""

    leads_to: int | None = None
    dialled: list[str] = field(default_factory=list)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        if host in {"127.0.0.1", "::1"}:
            return await httpcore.AnyIOBackend().connect_tcp(host, port, timeout)
        if self.leads_to is None:
            raise httpcore.ConnectError("no route to the outside")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self.leads_to, timeout)
