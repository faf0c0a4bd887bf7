"""What a service does with the events that it reads."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, select, true

from services.chassis.events import Event
from services.chassis.feed_sources import RawEvent
from services.chassis.tables import snapshot_subject
from services.chassis.tracing import continue_trace
from services.chassis.unit_of_work import UnitOfWork

Data = TypeVar("Data")
Prepared = TypeVar("Prepared")

HandleOne = Callable[[UnitOfWork, Event[Data]], Awaitable[None]]


class Handler(Generic[Data, Prepared]):
    """Takes events of some types, neighbours of one workspace at a time, in their order.

    `data` is what an event's data is read as: a msgspec Struct or dataclass with only the fields it needs.
    """

    types: tuple[str, ...]
    data: Any = dict[str, Any]

    async def prepare(self, events: Sequence[Event[Data]]) -> Prepared | None:
        """What must not happen inside a transaction: ask a neighbour, run a model. The result goes to `apply`."""
        del events
        return None

    async def apply(self, work: UnitOfWork, events: Sequence[Event[Data]], prepared: Prepared | None) -> None:
        """The effect, in the same transaction as the cursor: either both are kept, or none."""
        raise NotImplementedError


class _OneByOne(Handler[Any, None]):
    def __init__(self, types: tuple[str, ...], data: Any, handle: HandleOne[Any]) -> None:
        self.types, self.data, self._handle = types, data, handle

    async def apply(self, work: UnitOfWork, events: Sequence[Event[Any]], prepared: None) -> None:
        del prepared
        for event in events:
            work.follow(continue_trace(event.traceparent))
            await self._handle(work, event)


class Together(Handler[Any, list[Any]]):
    """Several handlers of the same types as one: each prepares, then each applies, in the order given."""

    def __init__(self, *handlers: Handler[Any, Any]) -> None:
        self.types, self.data, self._handlers = handlers[0].types, handlers[0].data, handlers
        if any((each.types, each.data) != (self.types, self.data) for each in handlers):
            raise ValueError("handlers that work together take the same events")

    async def prepare(self, events: Sequence[Event[Any]]) -> list[Any]:
        return [await each.prepare(events) for each in self._handlers]

    async def apply(self, work: UnitOfWork, events: Sequence[Event[Any]], prepared: list[Any] | None) -> None:
        for each, own in zip(self._handlers, prepared or [None] * len(self._handlers), strict=True):
            await each.apply(work, events, own)


def is_superseded(version: ColumnElement[int] | Any, *, by: Event[Any]) -> ColumnElement[bool]:
    """`Event.supersedes` as the condition of an upsert on a copy's version column."""
    return true() if by.is_snapshot else version < by.subject_version


@dataclass(frozen=True)
class Sweep:
    """The end of a snapshot in one workspace: copies of this type that it did not bring are of things long gone.

    A copy that was made after `started_at` by asking the source directly may be younger than the snapshot.
    """

    subject_type: str
    workspace_id: UUID
    snapshot_id: UUID
    started_at: datetime

    def is_unseen(self, column: ColumnElement[UUID] | Any) -> ColumnElement[bool]:
        """The condition on a copy's id column that the snapshot did not bring it."""
        seen = snapshot_subject.c
        brought: Select[tuple[UUID]] = select(seen.subject_id).where(
            seen.snapshot_id == self.snapshot_id,
            seen.workspace_id == self.workspace_id,
            seen.subject_type == self.subject_type,
            seen.subject_id == column,
        )
        return ~brought.exists()


Remove = Callable[[UnitOfWork, Sweep], Awaitable[None]]


@dataclass(frozen=True)
class Run:
    """Neighbouring events of one workspace for one handler."""

    handler: Handler[Any, Any]
    workspace_id: UUID
    events: tuple[RawEvent, ...]

    def typed(self) -> list[Event[Any]]:
        """The events with their data read; raises msgspec.ValidationError."""
        return [event.with_data(msgspec.json.decode(event.data, type=self.handler.data)) for event in self.events]


class Handlers:
    """A consumer's handlers: one per type of event; types without one are never asked for."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler[Any, Any]] = {}
        self.sweeps: dict[str, Remove] = {}

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(self._handlers)

    def add(self, handler: Handler[Any, Any]) -> None:
        """Let this handler take its types."""
        for each in handler.types:
            if each in self._handlers:
                raise ValueError(f"two handlers for {each}")
            self._handlers[each] = handler

    def on(self, *types: str, data: type[Data]) -> Callable[[HandleOne[Data]], HandleOne[Data]]:
        """Let the decorated function take events of these types, one by one."""

        def declare(handle: HandleOne[Data]) -> HandleOne[Data]:
            self.add(_OneByOne(types, data, handle))
            return handle

        return declare

    def removes(self, subject_type: str) -> Callable[[Remove], Remove]:
        """Let the decorated function remove the copies that a snapshot no longer brings."""

        def declare(remove: Remove) -> Remove:
            self.sweeps[subject_type] = remove
            return remove

        return declare

    def runs(self, events: Iterable[RawEvent]) -> list[Run]:
        """The events in as few calls as their order allows; a subject belongs to one workspace, so these may part."""
        by_workspace: defaultdict[UUID, list[RawEvent]] = defaultdict(list)
        for event in events:
            if event.type in self._handlers:
                by_workspace[event.workspace_id].append(event)
        return [run for workspace_id, those in by_workspace.items() for run in self._runs_within(workspace_id, those)]

    def _runs_within(self, workspace_id: UUID, events: Sequence[RawEvent]) -> Iterator[Run]:
        for handler, neighbours in groupby(events, key=lambda event: self._handlers[event.type]):
            yield Run(handler, workspace_id, tuple(neighbours))
