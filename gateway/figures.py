"""The gateway's figures, on a port of their own: its front door shows them to nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import start_http_server

from services.chassis.app import Background
from services.chassis.context import ServiceContext
from services.chassis.figures import look

LOOK_S = 10.0


def figures(listen: str) -> Background:
    """The background part that answers Prometheus at `address:port`; nothing without one."""

    @asynccontextmanager
    async def telling(context: ServiceContext) -> AsyncIterator[None]:
        if not listen:
            yield
            return
        address, _, port = listen.rpartition(":")
        server, thread = start_http_server(int(port), addr=address)
        looking = asyncio.create_task(_look(context))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            thread.join()

    return telling


async def _look(context: ServiceContext) -> None:
    while True:
        await look(context)
        await asyncio.sleep(LOOK_S)
