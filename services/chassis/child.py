"""CPU-bound work in a child process: at the lowest priority unless told otherwise, killed when nobody waits any more.

The child is a fresh interpreter that imports only what its function needs, so that a solver or a model never
enters the service's own process. Messages are pickled frames on a socket pair; standard output stays free for
libraries that print.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

FRAME = struct.Struct("!Q")
MAX_FRAME_BYTES = 1 << 30
LOWEST_PRIORITY = 19
# The child reads this one of the settings by itself: it starts without any library.
NICENESS = "FULLCIRCLE_CHILD_NICENESS"

OnProgress = Callable[[Any], Awaitable[None]]


class ChildDied(Exception):
    """The child ended without an answer: killed, out of memory, or crashed in native code."""


class Child:
    """One child process; calls run one after the other."""

    def __init__(self, process: asyncio.subprocess.Process, channel: socket.socket) -> None:
        self._process = process
        self._channel = channel
        self._turn = asyncio.Lock()

    @classmethod
    async def start(cls) -> "Child":
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.chassis.child_main",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(process, ours)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        return self._process.pid

    async def call(self, function: str, payload: Any, *, on_progress: OnProgress | None = None) -> Any:
        """Run `module:function` as `function(payload, report)` and answer what it returns.

        Each `report(value)` reaches `on_progress`. Raises what the function raised, or ChildDied. Cancelling the call
        kills the child, for native code cannot be interrupted.
        """
        async with self._turn:
            try:
                return await self._exchange(function, payload, on_progress)
            except asyncio.CancelledError:
                await self.kill()
                raise
            except (ConnectionError, EOFError) as fault:
                await self.kill()
                raise ChildDied(f"the child ended with {self._process.returncode}") from fault

    async def kill(self) -> None:
        """End the child at once; it holds nothing that needs a goodbye."""
        self._channel.close()
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def _exchange(self, function: str, payload: Any, on_progress: OnProgress | None) -> Any:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._channel, encode_frame((function, payload)))
        while True:
            kind, value = await self._receive()
            if kind == "result":
                return value
            if kind == "failure":
                raise value
            if on_progress is not None:
                await on_progress(value)

    async def _receive(self) -> tuple[str, Any]:
        (size,) = FRAME.unpack(await self._read(FRAME.size))
        message: tuple[str, Any] = pickle.loads(await self._read(size))  # noqa: S301 -- written by our own child
        return message

    async def _read(self, size: int) -> bytes:
        loop = asyncio.get_running_loop()
        buffer = bytearray(size)
        filled = memoryview(buffer)
        while filled:
            count = await loop.sock_recv_into(self._channel, filled)
            if count == 0:
                raise EOFError
            filled = filled[count:]
        return bytes(buffer)


async def run_in_child(function: str, payload: Any, *, on_progress: OnProgress | None = None) -> Any:
    """One call in a child of its own, which is gone afterwards with all its memory; see `Child.call`."""
    child = await Child.start()
    try:
        return await child.call(function, payload, on_progress=on_progress)
    finally:
        await child.kill()


class ChildServer:
    """A child that stays, for a model that is slow to load; started on first use, again when it has died.

    After `idle_s` seconds without a call it is let go, and its memory with it.
    """

    def __init__(self, *, idle_s: float = 300.0) -> None:
        self._idle_s = idle_s
        self._child: Child | None = None
        self._turn = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None

    async def call(self, function: str, payload: Any) -> Any:
        """As `Child.call`; a call in which the child died is not repeated."""
        async with self._turn:
            if self._rest is not None:
                self._rest.cancel()
            if self._child is None or not self._child.is_alive:
                self._child = await Child.start()
            try:
                return await self._child.call(function, payload)
            finally:
                loop = asyncio.get_running_loop()
                self._rest = loop.call_later(self._idle_s, lambda: loop.create_task(self.close()))

    async def close(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        if self._child is not None:
            child, self._child = self._child, None
            await child.kill()


class Children:
    """Children that are lent, to one at a time and as many as are asked for: the last one given back rests a while.

    For work that comes alone or in short rows: what a child loads for its first call is there for the next.
    """

    def __init__(self, *, idle_s: float = 30.0) -> None:
        self._idle_s = idle_s
        self._resting: Child | None = None
        self._rest: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Child]:
        """A child for the block, killed when the block does not end well."""
        resting = self._take()
        child = resting if resting is not None and resting.is_alive else await Child.start()
        try:
            yield child
        except BaseException:
            await child.kill()
            raise
        before, self._resting = self._take(), child
        loop = asyncio.get_running_loop()
        self._rest = loop.call_later(self._idle_s, lambda: loop.create_task(self.close()))
        if before is not None:
            await before.kill()

    async def close(self) -> None:
        """Let the resting one go."""
        if resting := self._take():
            await resting.kill()

    def _take(self) -> Child | None:
        if self._rest is not None:
            self._rest.cancel()
        resting, self._resting = self._resting, None
        return resting


def encode_frame(message: Any) -> bytes:
    """A message with its length before it."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return FRAME.pack(len(body)) + body
