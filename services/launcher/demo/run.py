"""Runs the loop on a stack of its own or on a given one, shows it happening, and tells the story at the end."""

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.launcher.demo.api import Api
from services.launcher.demo.loop import Loop
from services.launcher.demo.story import Told
from services.launcher.errors import LauncherError
from services.launcher.home import Home
from services.launcher.ports import free_port
from services.launcher.stack import Stack


@dataclass(frozen=True)
class Chapter:
    """One step as it went; without `told` it failed."""

    heading: str
    seconds: float
    told: Told | None
    failure: str = ""


async def demonstrate(*, url: str | None, key: str | None, console: Console) -> bool:
    """Whether every step held."""
    if url and key:
        return await _tell(url, key, console)
    async with _own_stack(console) as stack:
        return await _tell(stack.addresses.url("gateway"), stack.first_key or "", console)


@asynccontextmanager
async def _own_stack(console: Console) -> AsyncIterator[Stack]:
    directory = _open_directory()
    stack = Stack(home=Home(directory / "home"), port=free_port(), say=console.print)
    try:
        with console.status("Starting a stack of its own ..."):
            await stack.start()
        yield stack
    finally:
        with console.status("Stopping it ..."):
            await stack.stop()
        shutil.rmtree(directory)


def _open_directory() -> Path:
    """A temporary directory that PostgreSQL's account can enter too, when root runs the demo."""
    directory = Path(tempfile.mkdtemp(prefix="fullcircle-demo-"))
    directory.chmod(0o711)
    return directory


async def _tell(url: str, key: str, console: Console) -> bool:
    chapters: list[Chapter] = []
    async with Api(url, key) as api:
        for heading, step in Loop(api).steps():
            with console.status(f"{heading} ..."):
                chapters.append(await _live(heading, step))
            console.print(_line(chapters[-1]), highlight=False)
            if chapters[-1].told is None:
                console.print(Text(chapters[-1].failure, style="red"))
                return False
    console.print(_story(chapters))
    return True


async def _live(heading: str, step: Callable[[], Awaitable[Told]]) -> Chapter:
    began = time.perf_counter()
    try:
        told, failure = await step(), ""
    except LauncherError as error:
        told, failure = None, str(error)
    return Chapter(heading, time.perf_counter() - began, told, failure)


def _line(chapter: Chapter) -> str:
    mark = "[green]✓[/green]" if chapter.told else "[red]✗[/red]"
    return f"{mark} {chapter.heading} [dim]{chapter.seconds:.2f} s[/dim]"


def _story(chapters: list[Chapter]) -> Table:
    total = sum(chapter.seconds for chapter in chapters)
    table = Table(title=f"From the customer's words to the measured outcome, in {total:.1f} s", title_justify="left")
    table.add_column("Step", no_wrap=True)
    table.add_column("What came of it, and the id to look it up by")
    table.add_column("s", justify="right", no_wrap=True)
    for chapter in chapters:
        if chapter.told:
            told = Text.assemble(chapter.told.sentence, "\n", (chapter.told.id, "dim"))
            table.add_row(chapter.heading, told, f"{chapter.seconds:.2f}")
    return table
