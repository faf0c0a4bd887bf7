"""An ASGI application behind a real uvicorn, in the test's own loop, and a raw socket to talk to it with."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.server import EdgeProtocol


@dataclass
class Stage:
    """A running server whose application can be exchanged."""

    port: int = 0
    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


class AnnouncedServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def served(app: ASGIApp | None = None, *, http: type[asyncio.Protocol] = EdgeProtocol) -> AsyncIterator[Stage]:
    """Serve on a free port."""
    stage = Stage(app=app)
    config = uvicorn.Config(
        stage,
        host="127.0.0.1",
        port=0,
        http=http,
        lifespan="off",
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    server = AnnouncedServer(config)
    running = asyncio.create_task(server.serve())
    await server.is_up.wait()
    stage.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield stage
    finally:
        server.should_exit = True
        server.force_exit = True
        await running


async def talk(port: int, *parts: bytes, until_closed: bool = True) -> bytes:
    """Send bytes as they are and answer everything that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(5):
            return await (reader.read() if until_closed else reader.readuntil(b"\r\n\r\n"))
    finally:
        writer.close()
