"""The launcher's side of the nursery: asks for processes, and knows which have ended.

To import a service takes most of the time and the memory of its start. The nursery (`nursery_main`) imports all of them
once; what is forked from it is there at once, also after a crash.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from queue import SimpleQueue

import msgspec

from services.launcher.errors import LauncherError
from services.launcher.process import Command, start

LAUNCHER = (sys.executable, "-m", "services.launcher")
"""What a command begins with that the nursery forks: it has loaded this."""


class NurseryGone(LauncherError):
    """The process from which others are forked has ended; its supervisor starts it again."""


class Wanted(msgspec.Struct):
    """A process to be: `fullcircle ARGUMENTS`."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: str
    log: str


class Loaded(msgspec.Struct, tag=True):
    """Everything is imported."""


class Born(msgspec.Struct, tag=True):
    """What was wanted runs."""

    pid: int


class Ended(msgspec.Struct, tag=True):
    """It does no more; as in `subprocess`, a negative code is the signal that ended it."""

    pid: int
    code: int


class Nursling:
    """A forked process, as `subprocess.Popen` would show it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._has_ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if not self._has_ended.wait(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self.returncode

    def send_signal(self, request: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, request)

    def end(self, code: int) -> None:
        """The nursery told so."""
        self.returncode = code
        self._has_ended.set()


class Nursery:
    """Starts the process, and others within it, for a supervisor, who starts it again when it ends."""

    def __init__(self) -> None:
        self._line: _Line | None = None
        self._turn = threading.Lock()

    async def start(self, command: Command) -> "subprocess.Popen[bytes]":
        """The nursery itself, with a socket for its standard input."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = start(command, stdin=theirs.fileno())
        self._line = _Line(ours)
        return process

    async def is_loaded(self) -> bool:
        """Whether it can fork."""
        return self._line is not None and self._line.is_loaded.is_set()

    async def fork(self, command: Command) -> Nursling:
        """A process of `python -m services.launcher ARGUMENTS`; raises NurseryGone."""
        return await asyncio.to_thread(self._fork, command)

    def _fork(self, command: Command) -> Nursling:
        wanted = Wanted(
            arguments=command.arguments[len(LAUNCHER) :],
            environment=command.environment,
            directory=str(command.directory),
            log=str(command.log or os.devnull),
        )
        with self._turn:
            born = self._line.ask(wanted) if self._line else None
        if born is None:
            raise NurseryGone("The nursery has ended")
        return born


class _Line:
    """To one nursery process; a thread listens until that ends."""

    def __init__(self, nursery: socket.socket) -> None:
        self.is_loaded = threading.Event()
        self._nursery = nursery
        self._born: SimpleQueue[Nursling | None] = SimpleQueue()
        self._alive: dict[int, Nursling] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, wanted: Wanted) -> Nursling | None:
        """None when the nursery has ended."""
        try:
            self._nursery.sendall(msgspec.json.encode(wanted) + b"\n")
        except OSError:
            return None
        return self._born.get()

    def _listen(self) -> None:
        """When the nursery ends its supervisor kills what it forked, for nobody could say when that ends."""
        with self._nursery, self._nursery.makefile("rb") as lines:
            for line in lines:
                match msgspec.json.decode(line, type=Loaded | Born | Ended):
                    case Loaded():
                        self.is_loaded.set()
                    case Born(pid):
                        self._alive[pid] = Nursling(pid)
                        self._born.put(self._alive[pid])
                    case Ended(pid, code):
                        self._alive.pop(pid).end(code)
        self.is_loaded.clear()
        self._born.put(None)
        for nursling in self._alive.values():
            nursling.end(-signal.SIGKILL)
