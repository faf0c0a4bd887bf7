"""The process from which the four are forked: it loads what they are made of once, and they share it.

Run by `services.launcher.nursery`, whose socket is its standard input. On Linux only: elsewhere each loads for itself.
"""

import gc
import os
import selectors
import signal
import socket
import sys
from importlib import import_module

import msgspec
from setproctitle import setproctitle

from services.chassis.child_main import CHILD_THREADS, end_with_parent
from services.launcher.bootstrap import SERVICES
from services.launcher.cli import app
from services.launcher.nursery import Born, Ended, Loaded, Wanted
from services.launcher.serve import factory_of, lasting

# What uvicorn and our own start import late: each process would load it for itself.
LATE = (
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "fastapi_offline",
    "gateway.server",
    "procrastinate",
    "psycopg_pool",
)


def load() -> None:
    """Everything that a process imports to serve; no thread is started and no connection made by it."""
    os.environ |= dict.fromkeys(CHILD_THREADS, "1")
    with lasting():
        for name in (*(factory_of(service).partition(":")[0] for service in SERVICES), *LATE):
            import_module(name)
        gc.collect()


class Nursery:
    """Forks what is wanted, and tells of who was born and who has ended."""

    def __init__(self, launcher: socket.socket) -> None:
        self._launcher, self._lines = launcher, launcher.makefile("rb")
        self._woken, waking = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._waking = waking
        signal.set_wakeup_fd(waking)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)

    def attend(self) -> Wanted | None:
        """In the nursery: None, when the launcher has gone. In each that is born: what it is to be."""
        self._tell(Loaded())
        with selectors.DefaultSelector() as both:
            both.register(self._launcher, selectors.EVENT_READ)
            both.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in both.select():
                    if key.fd == self._woken:
                        os.read(self._woken, 4096)
                        self._tell_of_the_ended()
                    elif not (line := self._lines.readline()):
                        return None
                    elif not (pid := os.fork()):
                        self._leave()
                        return msgspec.json.decode(line, type=Wanted)
                    else:
                        self._tell(Born(pid))

    def _tell(self, news: Loaded | Born | Ended) -> None:
        self._launcher.sendall(msgspec.json.encode(news) + b"\n")

    def _tell_of_the_ended(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._tell(Ended(pid, os.waitstatus_to_exitcode(status)))

    def _leave(self) -> None:
        """What is the nursery's alone is none of the child's business."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._lines.close()
        self._launcher.close()
        os.close(self._woken)
        os.close(self._waking)


def become(wanted: Wanted, nursery: int) -> None:
    """A process in a session of its own, which ends when the nursery does."""
    os.setsid()
    end_with_parent(signal.SIGTERM)
    if os.getppid() != nursery:
        sys.exit("The nursery has gone already")
    output = os.open(wanted.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.close(output)
    os.chdir(wanted.directory)
    os.environ.clear()
    os.environ.update(wanted.environment)
    setproctitle(f"fullcircle {' '.join(wanted.arguments)}")


def main() -> None:
    own = os.getpid()
    launcher = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    setproctitle("fullcircle nursery")
    load()
    if wanted := Nursery(launcher).attend():
        become(wanted, own)
        app(list(wanted.arguments))


if __name__ == "__main__":
    main()
