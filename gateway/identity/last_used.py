"""When a key was last used, written now and then instead of with every request."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.gathering import Gathering


class LastUsed(Gathering[Mapping[UUID, datetime]]):
    """Remembers uses and writes them in one statement every few seconds, and at the end."""

    def __init__(self, write: Callable[[Mapping[UUID, datetime]], Awaitable[None]], *, clock: Clock) -> None:
        super().__init__(write)
        self._clock = clock
        self._used: dict[UUID, datetime] = {}

    def note(self, key_id: UUID) -> None:
        self._used[key_id] = self._clock.now()

    def take(self) -> Mapping[UUID, datetime]:
        used, self._used = self._used, {}
        return used

    def restore(self, kept: Mapping[UUID, datetime]) -> None:
        self._used = {**kept, **self._used}
