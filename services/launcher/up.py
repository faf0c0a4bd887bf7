"""`fullcircle up`: start everything, say where it is, and stay until Ctrl-C."""

import asyncio
import signal
import sys

from services.launcher.home import Home
from services.launcher.stack import Stack


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


async def up(*, home: Home, port: int) -> None:
    """Run a stack until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for request in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(request, stop.set)
    await _run(Stack(home=home, port=port, say=say), stop)


async def _run(stack: Stack, stop: asyncio.Event) -> None:
    started = asyncio.ensure_future(stack.start())
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({started, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            await started
            say(f"Fullcircle is ready: http://127.0.0.1:{stack.port}/docs")
            await stopping
        say("Stopping ...")
    finally:
        started.cancel()
        stopping.cancel()
        await asyncio.gather(started, stopping, return_exceptions=True)
        await stack.stop()
    say("Stopped; the data is kept.")
