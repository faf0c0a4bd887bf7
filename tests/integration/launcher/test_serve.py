"""The server of one process: it is told to stop, and does not look for it."""

import asyncio
import signal

import uvicorn

from services.launcher.serve import Server


async def _nothing(scope, receive, send) -> None:
    raise AssertionError("nobody asks")


async def test_a_server_that_is_told_to_stop_does_not_wait_for_its_clock(monkeypatch) -> None:
    monkeypatch.setattr("services.launcher.serve.TICK_S", 3600.0)
    config = uvicorn.Config(_nothing, lifespan="off", log_config=None)
    config.load()
    server = Server(config)
    serving = asyncio.create_task(server.main_loop())
    async with asyncio.timeout(10):
        while not server.server_state.default_headers:
            await asyncio.sleep(0)
        assert not serving.done()
        server.handle_exit(signal.SIGTERM, None)
        await serving


async def test_a_server_that_was_told_before_it_served_stops_too() -> None:
    config = uvicorn.Config(_nothing, lifespan="off", log_config=None)
    config.load()
    server = Server(config)
    server.handle_exit(signal.SIGTERM, None)
    async with asyncio.timeout(10):
        await server.main_loop()
