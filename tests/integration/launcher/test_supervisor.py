import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from services.launcher.process import Command, leash, start
from services.launcher.supervisor import ChildFailed, Program, Supervisor, stop_leftovers

WORKS = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"
STUBBORN = "import pathlib, signal, sys; signal.signal(15, signal.SIG_IGN); pathlib.Path(sys.argv[1]).touch()" + (
    "\nwhile True: signal.pause()"
)
PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[2], sys.argv[1]]).wait()"


def program(directory: Path, name: str, script: str = WORKS, *more: str, patience_s: float = 10) -> Program:
    """A child that makes a file when it is ready."""
    sign = directory / f"{name}.ready"

    def command() -> Command:
        sign.unlink(missing_ok=True)
        arguments = [sys.executable, "-c", script, str(sign), *more]
        return Command(arguments, environment=os.environ, directory=directory, log=directory / f"{name}.log")

    async def is_ready() -> bool:
        return sign.exists()

    return Program(name, command=command, is_ready=is_ready, patience_s=patience_s)


async def until(condition: Callable[[], bool], *, deadline_s: float = 20) -> None:
    async with asyncio.timeout(deadline_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_child_that_dies_is_started_again_and_it_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(notes=tmp_path / "children.json", say=said.append)
    await supervisor.start([program(tmp_path, "roadmap"), program(tmp_path, "metrics")])
    try:
        roadmap, metrics = supervisor.children
        first = roadmap.running().pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: "roadmap is ready again" in said)
        assert said == ["roadmap was ended by SIGKILL; starting it again in 0.25 s", "roadmap is ready again"]
        assert roadmap.running().pid != first
        assert (roadmap.restarts, metrics.restarts) == (1, 0)
    finally:
        await supervisor.stop()
    assert not any(psutil.pid_exists(child.running().pid) for child in (roadmap, metrics))


async def test_a_child_that_cannot_start_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(notes=tmp_path / "children.json", say=lambda _: None)
    try:
        with pytest.raises(ChildFailed, match=r"metrics ended with code 3 while starting(?s:.*)no such table"):
            await supervisor.start(
                [program(tmp_path, "metrics", "print('no such table', flush=True); raise SystemExit(3)")]
            )
    finally:
        await supervisor.stop()


async def test_a_child_that_does_not_stop_is_killed_with_its_helpers(tmp_path: Path) -> None:
    supervisor = Supervisor(notes=tmp_path / "children.json", say=lambda _: None)
    await supervisor.start([program(tmp_path, "stubborn", PARENT, STUBBORN, patience_s=0.1)])
    child = supervisor.children[0].running()
    helpers = psutil.Process(child.pid).children()
    await supervisor.stop()
    await until(lambda: not any(helper.is_running() for helper in helpers))
    assert child.returncode is not None
    assert helpers


async def test_what_a_killed_launcher_left_is_stopped_by_the_next(tmp_path: Path) -> None:
    notes = tmp_path / "children.json"
    supervisor = Supervisor(notes=notes, say=lambda _: None)
    await supervisor.start([program(tmp_path, "roadmap")])
    left = supervisor.children[0].running()
    for child in supervisor.children:
        assert child.watch is not None
        child.watch.cancel()
    assert stop_leftovers(notes) == ["roadmap"]
    await until(lambda: not psutil.pid_exists(left.pid) or psutil.Process(left.pid).status() == psutil.STATUS_ZOMBIE)
    assert stop_leftovers(notes) == []
    left.wait()


def test_a_stranger_with_the_number_of_a_former_child_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "children.json"
    stranger = start(Command(["sleep", "60"], environment=os.environ, directory=tmp_path))
    try:
        note = f'{{"name": "roadmap", "pid": {stranger.pid}, "created": 1.0}}'
        notes.write_text(f'{{"boot": {psutil.boot_time()}, "children": [{note}]}}')
        assert stop_leftovers(notes) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.skipif(not leash(signal.SIGTERM), reason="no setpriv here")
async def test_a_leashed_child_ends_with_its_launcher(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time; from services.launcher.process import *; from pathlib import Path; import os\n"
        "child = start(Command([*leash(signal.SIGTERM), 'sleep', '60'], environment=os.environ, directory=Path('/')))\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    launcher = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert launcher.stdout is not None
    child = psutil.Process(int(await launcher.stdout.readline()))
    await until(lambda: child.name() == "sleep")
    launcher.kill()
    await launcher.wait()
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
