"""Keeps a handful of children running: starts them, waits until they are ready, restarts them, stops them in order."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil

from services.launcher.errors import LauncherError
from services.launcher.process import Command, Running, sweep, tail
from services.launcher.process import start as start_process
from services.launcher.process import stop as stop_process

Answer = TypeVar("Answer")
FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 60.0
READY_POLL_S = 0.03


class ChildFailed(LauncherError):
    """A child ended before it was ever ready."""


async def _spawned(command: Command) -> Running:
    """Not in a thread: the leash of a child ends when the thread that started it does."""
    return start_process(command)


@dataclass(frozen=True)
class Program:
    """One thing to keep running."""

    name: str
    command: Callable[[], Command]  # asked before each start, in a thread: it may prepare what the child needs
    is_ready: Callable[[], Awaitable[bool]]
    start: Callable[[Command], Awaitable[Running]] = _spawned
    stop_with: signal.Signals = signal.SIGTERM
    patience_s: float = 15.0


@dataclass
class Child:
    """A program and the process that runs it now."""

    program: Program
    command: Command | None = None
    process: Running | None = None
    restarts: int = 0
    watch: asyncio.Task[None] | None = None

    def running(self) -> Running:
        """The process; only asked once it has been started."""
        if self.process is None:
            raise LookupError(f"{self.program.name} was never started")
        return self.process


@dataclass
class Supervisor:
    """`say` receives each sentence for the person at the terminal."""

    notes: Path
    say: Callable[[str], None]
    layers: list[list[Child]] = field(default_factory=list)
    _waiters: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=32))

    @property
    def children(self) -> list[Child]:
        return [child for layer in self.layers for child in layer]

    async def start(self, programs: Sequence[Program]) -> None:
        """Start these together as one layer, and return when all are ready; raises ChildFailed when one ends before."""
        layer = [Child(program) for program in programs]
        self.layers.append(layer)
        await asyncio.gather(*(self._start(child) for child in layer))
        for child in layer:
            child.watch = asyncio.create_task(self._keep_running(child))

    async def stop(self) -> None:
        """Stop the layers, the last started first: a service that drains still wants to commit."""
        watches = [child.watch for child in self.children if child.watch]
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        for layer in reversed(self.layers):
            await asyncio.gather(*(self._in_thread(_stop, child) for child in layer))
        self.layers.clear()
        self.notes.unlink(missing_ok=True)

    async def _start(self, child: Child) -> None:
        child.command = await self._in_thread(child.program.command)
        child.process = await child.program.start(child.command)
        self._note_children()
        while not await child.program.is_ready():
            if (code := child.process.poll()) is not None:
                raise ChildFailed(f"{child.program.name} {_ending(code)} while starting.{_last_words(child.command)}")
            await asyncio.sleep(READY_POLL_S)

    async def _keep_running(self, child: Child) -> None:
        delay = FIRST_DELAY_S
        while True:
            began = time.monotonic()
            code = await self._in_thread(child.running().wait)
            sweep(child.running().pid)
            if time.monotonic() - began > STEADY_AFTER_S:
                delay = FIRST_DELAY_S
            self.say(f"{child.program.name} {_ending(code)}; starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)
            await self._restart(child)

    async def _restart(self, child: Child) -> None:
        child.restarts += 1
        try:
            await self._start(child)
        except (LauncherError, OSError) as error:
            self.say(str(error))
        else:
            self.say(f"{child.program.name} is ready again")

    async def _in_thread(self, work: Callable[..., Answer], *arguments: object) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._waiters, work, *arguments)

    def _note_children(self) -> None:
        """Keep on disk who runs, so that the next start can stop what a killed launcher left."""
        notes = [
            _note(child, layer=place)
            for place, layer in enumerate(self.layers)
            for child in layer
            if child.process and child.process.poll() is None
        ]
        draft = self.notes.with_suffix(".new")
        draft.write_text(json.dumps({"boot": psutil.boot_time(), "children": notes}))
        draft.replace(self.notes)


def stop_leftovers(notes: Path, *, patience_s: float = 15.0) -> list[str]:
    """Stop the children of a launcher that was killed, the last layer first as always; answers their names.

    A process counts as left over when it is the very process noted (same start), or lives in the session that one led.
    """
    try:
        noted = json.loads(notes.read_text())
    except (FileNotFoundError, ValueError):
        return []
    names: list[str] = []
    layers: dict[int, list[tuple[psutil.Process, signal.Signals]]] = {}
    if abs(noted["boot"] - psutil.boot_time()) < 60:
        for child in noted["children"]:
            if processes := _session(child["pid"], child["created"]):
                names.append(child["name"])
                stop_with = signal.Signals(child.get("stop_with", signal.SIGTERM))  # older notes have neither
                layers.setdefault(child.get("layer", 0), []).extend((process, stop_with) for process in processes)
    for _, layer in sorted(layers.items(), reverse=True):
        _end(layer, patience_s=patience_s)
    notes.unlink(missing_ok=True)
    return names


def _end(layer: Sequence[tuple[psutil.Process, signal.Signals]], *, patience_s: float) -> None:
    for process, stop_with in layer:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(stop_with)
    _, deaf = psutil.wait_procs([process for process, _ in layer], timeout=patience_s)
    for process in deaf:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(deaf, timeout=patience_s)


def _session(leader: int, created: float) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter(["create_time"]):
        try:
            if os.getsid(process.pid) == leader:
                members.append(process)
        except (ProcessLookupError, PermissionError):
            continue
    is_stranger = any(process.pid == leader and process.info["create_time"] != created for process in members)
    return [] if is_stranger else members


def _note(child: Child, *, layer: int) -> dict[str, object]:
    pid, program = child.running().pid, child.program
    created = psutil.Process(pid).create_time()
    return {"name": program.name, "pid": pid, "created": created, "layer": layer, "stop_with": int(program.stop_with)}


def _stop(child: Child) -> None:
    if child.process:
        stop_process(child.process, child.program.stop_with, patience_s=child.program.patience_s)
        sweep(child.process.pid)


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _last_words(command: Command) -> str:
    words = tail(command.log) if command.log else ""
    return f" The end of {command.log}:\n{words}" if words else ""
