"""When a key was last used, written now and then instead of with every request."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog

from services.chassis.clock import Clock
from services.chassis.problems import is_database_outage

FLUSH_S = 15

log = structlog.get_logger(__name__)


class LastUsed:
    """Remembers uses and writes them in one statement every few seconds, and at the end."""

    def __init__(self, write: Callable[[Mapping[UUID, datetime]], Awaitable[None]], *, clock: Clock) -> None:
        self._write = write
        self._clock = clock
        self._used: dict[UUID, datetime] = {}

    def note(self, key_id: UUID) -> None:
        self._used[key_id] = self._clock.now()

    async def flush(self) -> None:
        """Write what has gathered; it is kept for the next time when the database does not answer."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._write(used)
        except Exception as fault:
            if not is_database_outage(fault):
                raise
            self._used = used | self._used
            log.warning("last_used_not_written", keys=len(used))

    async def run(self) -> None:
        """Flush until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()
        finally:
            with suppress(asyncio.CancelledError):
                await self.flush()
