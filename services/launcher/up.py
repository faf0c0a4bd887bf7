"""`fullcircle up`: start everything, say where it is, and stay until Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path

from services.launcher.home import Home
from services.launcher.stack import Stack


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def welcome(port: int, first_key: str | None) -> str:
    """Where it is, the key if there is a new one, and three things to try."""
    command = command_name()
    base = f"http://127.0.0.1:{port}"
    key = first_key or "$FULLCIRCLE_KEY"
    authorization = f"-H 'Authorization: Bearer {key}'" if first_key else f'-H "Authorization: Bearer {key}"'
    if first_key:
        about_key = f"Your API key, shown this once (`{command} keys create` makes more):\n\n    {first_key}"
    else:
        about_key = f"Your API key was shown on the first start; `{command} keys create` makes another."
    feedback = """{"text": "The export takes forever", "source": "interview"}"""
    return f"""
Fullcircle is ready: {base}/docs

{about_key}

Three things to try:

    curl {base}/v1/me {authorization}
    curl {base}/v1/feedback {authorization} --json '{feedback}'
    {command} demo

Ctrl-C stops everything; the data is kept."""


def command_name() -> str:
    """How the person at the terminal has called us, so that what we print can be pasted."""
    called = Path(sys.argv[0]).absolute()
    if called.name == "__main__.py":
        return f"{sys.executable} -m services.launcher"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


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
            say(welcome(stack.port, stack.first_key))
            await stopping
        say("Stopping ...")
    finally:
        started.cancel()
        stopping.cancel()
        await asyncio.gather(started, stopping, return_exceptions=True)
        await stack.stop()
    say("Stopped; the data is kept.")
