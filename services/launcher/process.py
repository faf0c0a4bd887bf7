"""Child processes: started in a session of their own, leashed to the launcher, stopped by their own group."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.launcher.account import Account

LOG_LIMIT_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Command:
    """How to start one child."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    account: Account | None = None
    log: Path | None = None


class Running(Protocol):
    """A process that was started, as `subprocess.Popen` shows it."""

    pid: int

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, request: int, /) -> None: ...


def start(command: Command, *, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start the child in a session of its own, so that Ctrl-C reaches only the launcher, which stops it in order."""
    rights = command.account.rights() if command.account else {}
    output = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if command.log else None
    try:
        return subprocess.Popen(
            command.arguments,
            **rights,
            cwd=command.directory,
            env=dict(command.environment),
            stdin=stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        if output is not None:
            os.close(output)


def leash(request: signal.Signals) -> list[str]:
    """A prefix that lets the kernel send `request` to the child when the launcher dies, even by `kill -9`.

    Linux only (prctl PR_SET_PDEATHSIG through util-linux); elsewhere the next start stops what was left.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", request.name.removeprefix("SIG"), "--"] if setpriv else []


def stop(process: Running, request: signal.Signals = signal.SIGTERM, *, patience_s: float) -> int:
    """Ask the child to end; kill its whole group when it does not."""
    if process.poll() is None:
        process.send_signal(request)
        try:
            return process.wait(patience_s)
        except subprocess.TimeoutExpired:
            sweep(process.pid)
    return process.wait()


def sweep(session: int) -> None:
    """Kill what is left of a child's session: the helpers of a service that was killed outlive it otherwise."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


def tail(path: Path, lines: int = 5) -> str:
    """The end of a log, for people."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def rotate(log: Path) -> None:
    """Begin a new log when this one has grown long; one old one is kept."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
