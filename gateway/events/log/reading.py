"""Reads the log for a caller: where they stand, what comes next, where that leaves them."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.events.log.place import Extent, Place
from gateway.events.log.repository import EventLogRepository, LogQuery
from services.chassis.context import ServiceContext
from services.chassis.identity import Principal

MAX_PAGE = 200


@dataclass(frozen=True)
class LogPage:
    """Events with their positions, and the place up to which the log was read for them."""

    events: Sequence[tuple[int, str]]
    reached: Place
    is_last: bool


class LogReader:
    """A workspace's log, each page in a transaction of its own: nobody who follows it holds a connection."""

    def __init__(self, context: ServiceContext, principal: Principal, query: LogQuery) -> None:
        self._context = context
        self._workspace_id = principal.workspace
        self._query = query

    async def extent(self) -> Extent:
        async with self._context.database.session(workspace_id=self._workspace_id, read_only=True) as session:
            return await EventLogRepository(session).extent()

    async def page(self, after: Place | None, *, limit: int = MAX_PAGE) -> LogPage:
        """What comes after a place, or from the beginning. Raises LogGone."""
        async with self._context.database.session(workspace_id=self._workspace_id, read_only=True) as session:
            log = EventLogRepository(session)
            extent = await log.extent()
            start = extent.beginning if after is None else after
            extent.require(start)
            events = await log.page(self._query, after=start, upto=extent.newest, limit=limit + 1)
        if len(events) <= limit:
            return LogPage(events, extent.end, is_last=True)
        events = events[:limit]
        return LogPage(events, Place(events[-1][0], extent.epoch), is_last=False)
