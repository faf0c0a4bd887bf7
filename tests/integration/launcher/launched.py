"""`fullcircle up` as a person starts it, for tests."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psutil

from services.launcher.ports import free_port
from services.launcher.version import ROOT
from tests.shared import reachable_directory

DEADLINE_S = 120.0


def until(condition: Callable[[], object], *, what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a condition; fails with `what` when it does not come true."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline_s:g} s in vain: {what}")
        time.sleep(0.02)


def fullcircle(
    *arguments: str, home: Path, port: int = 0, given: Mapping[str, str] = MappingProxyType({})
) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end; `given` are settings beside the home and the port."""
    command = [sys.executable, "-m", "services.launcher", *arguments]
    environment = {**_environment(home, port or free_port()), **given}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@dataclass
class Launched:
    """One `fullcircle up` on a home; it can be killed and started again."""

    home: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def output(self) -> str:
        return (self.home.parent / "output").read_text()

    def start(self) -> "Launched":
        """Start, and wait until it says that it is ready."""
        with (self.home.parent / "output").open("w") as output:
            command = [sys.executable, "-m", "services.launcher", "up"]
            environment = _environment(self.home, self.port)
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
            )
        self.wait_for("Fullcircle is ready")
        return self

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.output or self.process.poll() is not None, what=f"{text} in {self.output}")
        assert text in self.output, self.output

    def pids(self) -> dict[str, int]:
        """The children now, by name."""
        noted = json.loads((self.home / "children.json").read_text())["children"]
        return {child["name"]: child["pid"] for child in noted}

    def kill(self, name: str) -> None:
        os.kill(self.pids()[name], signal.SIGKILL)

    def answers(self, path: str = "/readyz") -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def interrupt(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE_S)


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@contextmanager
def launched() -> Iterator[Launched]:
    """A stack on a new home, gone at the end whatever the test did to it."""
    directory = reachable_directory()
    stack = Launched(directory / "home")
    try:
        yield stack.start()
    finally:
        if stack.process.poll() is None:
            stack.interrupt()
        shutil.rmtree(directory)


def _environment(home: Path, port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FULLCIRCLE_")}
    return {**inherited, "FULLCIRCLE_HOME": str(home), "FULLCIRCLE_PORT": str(port)}
