"""One service in this process, under uvicorn."""

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from functools import partial
from types import FrameType
from typing import Literal

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.importer import import_from_string

Role = Literal["api", "worker", "all"]
GRACE_S = 10
KEEP_ALIVE_S = 75
TICK_S = 1.0


class Server(uvicorn.Server):
    """uvicorn wakes ten times a second to see whether it should stop: this one is told, and wakes for its clock."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._told.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)


def factory_of(service: str) -> str:
    """The import path of a service's application factory."""
    package = "gateway" if service == "gateway" else f"services.{service}"
    return f"{package}.app:create_app"


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """What is made here lives as long as the process.

    No collection looks for garbage in it: neither while it is put together, which would take a tenth of the start, nor
    later, when it would also copy the pages that processes share.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def assemble(service: str) -> FastAPI:
    """The service's application."""
    with lasting():
        application: FastAPI = import_from_string(factory_of(service))()
    return application


def serve(service: str, *, host: str, port: int, role: Role = "all") -> None:
    """Serve until SIGTERM: then take no new connection, finish what runs, and close what the application holds open.

    Connections are kept alive longer than any client of ours keeps them, so that it is the client who closes and no
    request meets a connection that is just going away.
    """
    os.environ["FULLCIRCLE_ROLE"] = role
    config = uvicorn.Config(
        partial(assemble, service),
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http="gateway.server:EdgeProtocol" if service == "gateway" else "httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Behind a proxy of one's own uvicorn's variable names whom to believe; without it nobody is believed.
        proxy_headers=bool(os.environ.get("FORWARDED_ALLOW_IPS")),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
