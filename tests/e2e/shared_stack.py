"""The one stack that every worker of a run uses, and the story that was told there."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from services.launcher.demo.loop import Loop
from tests.e2e.stack import ROOT, NeverHappened, Stack, model, story_of
from tests.shared import once

STACK = "stack"


def start_keeper() -> dict[str, Any]:
    """Where the stack is, told by the process that keeps it; that one goes on."""
    keeper = [sys.executable, "-m", "tests.e2e.keeper"]
    told = subprocess.run(keeper, cwd=ROOT, stdout=subprocess.PIPE, check=False).stdout
    if not told:
        raise NeverHappened("the stack of this run did not start")
    place: dict[str, Any] = json.loads(told)
    return place


def begin() -> None:
    """Start it before anybody asks; whoever does so after a failure tries again, and learns of it."""
    with contextlib.suppress(NeverHappened):
        once(STACK, start_keeper)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack() -> Stack:
    """The session's stack, shared by every test that does not break it.

    Others use it at the same time: a test changes things in `other_workspace`, and to the admin's adds at most.
    """
    place = await asyncio.to_thread(once, STACK, start_keeper)
    return Stack(Path(place["directory"]), port=place["port"], _admin_key=(await model()).admin_key)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def loop(stack: Stack) -> AsyncIterator[Loop]:
    """The demo's story, told once in the admin's workspace; who reads it does not change it."""
    async with story_of(stack) as told:
        yield told
