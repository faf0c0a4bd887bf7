"""Keeps the stack that all workers of a run share: a process of its own, for it outlives the worker that asked first.

However the run ends, its lock goes with it: then the stack is stopped, also one that only starts.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import sys
import threading
from typing import TextIO

from tests.e2e.stack import TALKATIVE, UNRESTRAINED, running_stack
from tests.shared import KEEPER, RUN, locked, shared


def main() -> None:
    _leave_whoever_started_us()
    with locked(KEEPER), shared(RUN).open() as run, contextlib.suppress(asyncio.CancelledError):
        asyncio.run(keep(run))


async def keep(run: TextIO) -> None:
    """Tell where the stack is as soon as it is there, and no more than that."""
    threading.Thread(target=_cancel_after, args=(run, asyncio.current_task()), daemon=True).start()
    async with running_stack(**UNRESTRAINED, **TALKATIVE) as stack:
        print(json.dumps({"directory": str(stack.directory), "port": stack.port}), flush=True)
        _say_no_more()
        await asyncio.Event().wait()


def _leave_whoever_started_us() -> None:
    """Neither the end of that worker nor a Ctrl-C in its terminal is ours."""
    if os.fork():
        os._exit(0)
    os.setsid()


def _say_no_more() -> None:
    """Who reads what we say waits for its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def _cancel_after(run: TextIO, keeping: "asyncio.Task[None]") -> None:
    fcntl.flock(run, fcntl.LOCK_SH)
    keeping.get_loop().call_soon_threadsafe(keeping.cancel)


if __name__ == "__main__":
    main()
