"""When a key was last used or a member last seen, written now and then instead of with every request."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.gathering import Gathering

Use = tuple[UUID, UUID]
"""A workspace, and the key or member of it."""


class LastUsed(Gathering[Mapping[Use, datetime]]):
    """Remembers uses and writes them in one statement every few seconds, and at the end."""

    def __init__(self, write: Callable[[Mapping[Use, datetime]], Awaitable[None]], *, clock: Clock) -> None:
        super().__init__(write)
        self._clock = clock
        self._used: dict[Use, datetime] = {}

    def note(self, workspace_id: UUID, caller_id: UUID) -> None:
        self._used[workspace_id, caller_id] = self._clock.now()

    def take(self) -> Mapping[Use, datetime]:
        used, self._used = self._used, {}
        return used

    def restore(self, kept: Mapping[Use, datetime]) -> None:
        self._used = {**kept, **self._used}
