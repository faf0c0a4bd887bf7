"""How many requests each workspace makes, counted in memory and written now and then."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.gathering import Gathering


@dataclass(frozen=True)
class RequestCount:
    """A workspace's requests of one day; `refused` are the 4xx of all, `failed` the 5xx."""

    workspace_id: UUID
    day: date
    requests: int
    refused: int
    failed: int


class RequestTally(Gathering[Sequence[RequestCount]]):
    """Counts to the day on which it writes; a gateway that is killed forgets the last few seconds."""

    every_s = 5.0

    def __init__(self, write: Callable[[Sequence[RequestCount]], Awaitable[None]], *, clock: Clock) -> None:
        super().__init__(write)
        self._clock = clock
        self._counts: dict[UUID, list[int]] = {}
        self._unwritten: list[RequestCount] = []

    def note(self, workspace_id: UUID, status: int) -> None:
        """Count one request; a status of 0 means that the caller left before there was an answer."""
        counts = self._counts.get(workspace_id)
        if counts is None:
            counts = self._counts[workspace_id] = [0, 0, 0]
        counts[0] += 1
        if status >= 400:
            counts[1 if status < 500 else 2] += 1

    def take(self) -> Sequence[RequestCount]:
        today = self._clock.now().date()
        counted, self._counts = self._counts, {}
        kept, self._unwritten = self._unwritten, []
        return _summed([*kept, *(RequestCount(workspace, today, *counts) for workspace, counts in counted.items())])

    def restore(self, kept: Sequence[RequestCount]) -> None:
        self._unwritten = [*kept, *self._unwritten]


def _summed(counts: Sequence[RequestCount]) -> list[RequestCount]:
    """One count for each workspace and day: a statement may not touch a row twice."""
    sums: dict[tuple[UUID, date], RequestCount] = {}
    for each in counts:
        known = sums.get((each.workspace_id, each.day), RequestCount(each.workspace_id, each.day, 0, 0, 0))
        sums[each.workspace_id, each.day] = RequestCount(
            each.workspace_id,
            each.day,
            known.requests + each.requests,
            known.refused + each.refused,
            known.failed + each.failed,
        )
    return list(sums.values())
