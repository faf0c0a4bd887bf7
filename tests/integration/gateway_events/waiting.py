"""Waits on conditions, with a deadline, never for a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")

POLL_S = 0.02


async def until(
    condition: Callable[[], Value | Awaitable[Value]], *, what: str = "it", deadline_s: float = 20
) -> Value:
    """What the condition answers, once that is true."""
    async with asyncio.timeout(deadline_s):
        try:
            while True:
                value = condition()
                if inspect.isawaitable(value):
                    value = await value
                if value:
                    return value
                await asyncio.sleep(POLL_S)
        except asyncio.CancelledError as fault:
            fault.add_note(f"waited for {what}")
            raise
