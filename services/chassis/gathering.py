"""What is too small to be written with every request: gathered in memory, written now and then and at the end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from services.chassis.problems import is_database_outage

Kept = TypeVar("Kept")

log = structlog.get_logger(__name__)


class Gathering(Generic[Kept]):
    """A subclass says how to take out what has gathered, and how to put it back when the database is away."""

    every_s = 15.0

    def __init__(self, write: Callable[[Kept], Awaitable[None]]) -> None:
        self._write = write

    def take(self) -> Kept:
        """What has gathered; from now on it gathers anew."""
        raise NotImplementedError

    def restore(self, kept: Kept) -> None:
        """Put back what could not be written, beside what came meanwhile."""
        raise NotImplementedError

    async def flush(self) -> None:
        """Write what has gathered; it is kept for the next time when the database does not answer."""
        kept = self.take()
        if not kept:
            return
        try:
            await self._write(kept)
        except Exception as fault:
            if not is_database_outage(fault):
                raise
            self.restore(kept)
            log.warning("not_written", what=type(self).__name__)

    async def run(self) -> None:
        """Flush until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(self.every_s)
                await self.flush()
        finally:
            with suppress(asyncio.CancelledError):
                await self.flush()
