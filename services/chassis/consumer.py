"""Reads a feed and applies it: effects and cursor in one transaction, so each takes place exactly once, in order."""

import asyncio
import contextlib
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import stamina
import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.context import ServiceContext
from services.chassis.cursor import (
    Cursor,
    CursorMoved,
    Place,
    all_workspaces,
    enter_workspace,
    forget_seen,
    note_seen,
    remember_workspaces,
)
from services.chassis.errors import Unavailable
from services.chassis.events import Event
from services.chassis.feed import FeedGone, FeedQuery
from services.chassis.feed_handlers import Handlers, Run, Sweep
from services.chassis.feed_sources import FeedSource, RawEvent
from services.chassis.identity import system_principal
from services.chassis.parked import describe, list_parked, note_failure, park, parked_subjects, unpark
from services.chassis.problems import sqlstate
from services.chassis.tracing import continue_trace
from services.chassis.unit_of_work import UnitOfWork

WAIT_S = 30.0
FOLLOW_S = 1.0
LONGEST_PAUSE_S = 5.0

# Connection, resources, shutdown, rollback by the server, system, and a standby: classes of PostgreSQL's error codes.
TRANSIENT_STATES = ("08", "53", "57P", "40", "58", "25006")

LAG = Gauge("fullcircle_feed_lag_events", "Events of the source that were not applied yet.", ["service", "consumer"])
PARKED = Counter("fullcircle_feed_parked_total", "Events set aside, with those behind them.", ["service", "consumer"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PreparedRun:
    """A run, its data read and its preparation done, or what went wrong with that."""

    run: Run
    events: Sequence[Event[Any]] = ()
    prepared: Any = None
    fault: Exception | None = None

    async def apply(self, context: ServiceContext, session: AsyncSession) -> None:
        if self.fault is not None:
            raise self.fault
        await enter_workspace(session, self.run.workspace_id)
        continue_trace(self.events[0].traceparent)
        principal = system_principal(context.name, workspace_id=self.run.workspace_id)
        work = UnitOfWork(context, principal, session=session)
        await self.run.handler.apply(work, self.events, self.prepared)
        await work.audit.write()
        await session.flush()


class _SomeAreParked(Exception):
    """The page holds events of subjects that have others in line: it cannot be applied as a whole."""


class Consumer:
    """One reader of one feed. Any number of replicas may run it; one of them applies at a time."""

    def __init__(
        self,
        context: ServiceContext,
        source: FeedSource,
        handlers: Handlers,
        *,
        name: str | None = None,
        on_gone: Literal["snapshot", "oldest"] = "snapshot",
        page_size: int = 500,
    ) -> None:
        """`name` tells several consumers of one source apart. `on_gone`: where to start when the feed cannot be
        followed from the cursor; `oldest` suits work that rests on single events and repeats harmlessly."""
        self.source = source
        self.handlers = handlers
        self.name = name or source.name
        self.cursor = Cursor(context.database, name=self.name, source=source.name)
        self.context = context
        self._on_gone = on_gone
        self._page_size = page_size

    async def run(self) -> None:
        """Read and apply until cancelled; backs off while the source or the database is down."""
        while True:
            async for attempt in stamina.retry_context(
                on=Exception, attempts=None, timeout=None, wait_initial=0.1, wait_max=LONGEST_PAUSE_S, wait_jitter=0.5
            ):
                with attempt:
                    await self._turn()

    async def _turn(self) -> None:
        if not await self.context.wakeup.lead(f"consumer:{self.name}"):
            await asyncio.sleep(FOLLOW_S)
            return
        with contextlib.suppress(CursorMoved):
            await self.step(wait_s=WAIT_S)

    async def step(self, *, wait_s: float = 0) -> int:
        """Read one page and apply it; answers how many events it held. Raises CursorMoved, NeighbourDown."""
        place = await self.cursor.place()
        query = FeedQuery(after=place.position, feed_id=place.feed_id, types=self.handlers.types, limit=self._page_size)
        try:
            page = await self.source.read(query, wait_s=wait_s)
        except FeedGone as gone:
            await self._start_again(place, gone)
            return 0
        reached = Place(page.feed_id, page.position)
        if page.events:
            await self.apply(page.events, at=place, reached=reached)
        elif reached != place:
            async with self.cursor.hold(place) as session:
                await self.cursor.move(session, reached)
        LAG.labels(self.context.name, self.name).set(page.head - page.position)
        return len(page.events)

    async def catch_up(self) -> None:
        """Apply everything that the source holds now."""
        while True:
            before = await self.cursor.place()
            if not await self.step() and await self.cursor.place() == before:
                return

    async def apply(self, events: Sequence[RawEvent], *, at: Place, reached: Place) -> None:
        """The events and the new place in one transaction: as a whole, and where that fails one after the other."""
        prepared = [await self._prepare(run) for run in self.handlers.runs(events)]
        try:
            async with self.cursor.hold(at) as session:
                if await parked_subjects(session, self.name, {event.subject for event in events}):
                    raise _SomeAreParked
                for run in prepared:
                    await run.apply(self.context, session)
                await self._finish(session, events, reached)
        except CursorMoved:
            raise
        except Exception as fault:
            if is_transient(fault):
                raise
            if not isinstance(fault, _SomeAreParked):
                log.warning("feed.page_failed", consumer=self.name, error=type(fault).__name__)
            await self._apply_singly(events, at=at, reached=reached)

    async def _apply_singly(self, events: Sequence[RawEvent], *, at: Place, reached: Place) -> None:
        singles = [await self._prepare(run) for event in events for run in self.handlers.runs([event])]
        async with self.cursor.hold(at) as session:
            stopped = await parked_subjects(session, self.name, {event.subject for event in events})
            for single in singles:
                event = single.run.events[0]
                fault = None if event.subject in stopped else await self._try(session, single)
                if fault is not None or event.subject in stopped:
                    stopped.add(event.subject)
                    await park(session, self.name, event, fault)
                    PARKED.labels(self.context.name, self.name).inc()
            await self._finish(session, events, reached)

    async def _finish(self, session: AsyncSession, events: Sequence[RawEvent], reached: Place) -> None:
        if reached.snapshot_id is not None:
            await note_seen(session, reached.snapshot_id, [each for each in events if self._is_swept(each)])
        await remember_workspaces(session, {event.workspace_id for event in events})
        await self.cursor.move(session, reached)

    def _is_swept(self, event: RawEvent) -> bool:
        return event.subject_type in self.handlers.sweeps

    async def _try(self, session: AsyncSession, single: PreparedRun) -> Exception | None:
        """Apply within a savepoint; answers why it could not be. What is nobody's fault is raised."""
        try:
            async with session.begin_nested():
                await single.apply(self.context, session)
        except Exception as fault:
            if is_transient(fault):
                raise
            self._report(single.run.events[0], fault)
            return fault
        return None

    def _report(self, event: RawEvent, fault: Exception) -> None:
        # No exc_info: a driver's message may quote the row, and logs carry no people's words.
        where = "".join(traceback.format_tb(fault.__traceback__)[-3:])
        log.error("feed.event_failed", consumer=self.name, event_id=str(event.id), error=describe(fault), where=where)

    async def _prepare(self, run: Run) -> PreparedRun:
        try:
            typed = run.typed()
            return PreparedRun(run, typed, await run.handler.prepare(typed))
        except Exception as fault:
            if is_transient(fault):
                raise
            return PreparedRun(run, fault=fault)

    async def replay(self, subject_id: UUID) -> int:
        """Apply a subject's events in line, in order, up to the first that still fails; answers how many went well."""
        async with self.context.database.engine.connect() as connection:
            line = await list_parked(connection, cursor=self.name, subject_id=subject_id)
        singles = [await self._prepare(run) for each in line for run in self.handlers.runs([each.event])]
        done = 0
        async with self.cursor.hold_anywhere() as session:
            left = {each.event.id for each in await list_parked(session, cursor=self.name, subject_id=subject_id)}
            for single in singles:
                event = single.run.events[0]
                if event.id not in left:  # another admin was faster
                    continue
                fault = await self._try(session, single)
                if fault is not None:
                    await note_failure(session, self.name, event, fault)
                    break
                await unpark(session, self.name, event)
                done += 1
        return done

    async def _start_again(self, place: Place, gone: FeedGone) -> None:
        log.warning("feed.gone", consumer=self.name, reason=gone.detail, start=self._on_gone)
        if self._on_gone == "oldest":
            feed_id, oldest = UUID(gone.extensions["feed_id"]), int(gone.extensions["oldest_position"])
            async with self.cursor.hold(place) as session:
                await self.cursor.move(session, Place(feed_id, oldest - 1))
        else:
            await self._rebuild(place)

    async def _rebuild(self, place: Place) -> None:
        """Take over the source's current state, drop the copies of what is gone, and go on from its position."""
        begun = replace(place, snapshot_id=self.context.ids())
        started_at = self.context.clock.now()
        async with self.cursor.hold(place) as session:
            await forget_seen(session, place.snapshot_id)
            await self.cursor.move(session, begun)
        page = await self.source.snapshot(cursor=None, types=self.handlers.types)
        while True:
            if page.items:
                await self.apply(page.items, at=begun, reached=begun)
            if page.next is None:
                break
            page = await self.source.snapshot(cursor=page.next, types=self.handlers.types)
        async with self.cursor.hold(begun) as session:
            for workspace_id in await all_workspaces(session):
                await self._sweep(session, workspace_id, begun, started_at)
            await forget_seen(session, begun.snapshot_id)
            await self.cursor.move(session, Place(page.feed_id, page.position))

    async def _sweep(self, session: AsyncSession, workspace_id: UUID, begun: Place, started_at: datetime) -> None:
        if begun.snapshot_id is None or not self.handlers.sweeps:
            return
        await enter_workspace(session, workspace_id)
        work = UnitOfWork(self.context, system_principal(self.context.name, workspace_id=workspace_id), session=session)
        for subject_type, remove in self.handlers.sweeps.items():
            await remove(work, Sweep(subject_type, workspace_id, begun.snapshot_id, started_at))
        await work.audit.write()


def is_transient(fault: Exception) -> bool:
    """Whether the same events may well be applied a moment later: a neighbour or the database cannot answer now.

    Narrower than what a request answers with 503: a statement that is always too slow, or wrong, must not hold up
    the feed for ever.
    """
    if isinstance(fault, DBAPIError):
        return fault.connection_invalidated or (sqlstate(fault) or "").startswith(TRANSIENT_STATES)
    return isinstance(fault, Unavailable | ConnectionError | PoolTimeout)
