"""What happened, kept in the same transaction as the change itself: ids and facts, never people's words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import event as hooks
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session

from services.chassis.clock import Clock
from services.chassis.columns import given, shared
from services.chassis.ids import IdMaker

FEED_TOPIC = "feed"

Signal = Callable[[str], None]

Data = TypeVar("Data")
Other = TypeVar("Other")

# unnest keeps the order it is given, and the identity is drawn in that order: neighbours of one call stay in step.
_INSERT = """
INSERT INTO event (id, workspace_id, type, subject_type, subject_id, subject_version, actor, data, traceparent,
                   occurred_at)
SELECT id, coalesce(workspace_id, (${1}::uuid[])[1]), coalesce(type, (${2}::text[])[1]),
       coalesce(subject_type, (${3}::text[])[1]), subject_id, subject_version,
       coalesce(actor, (${6}::text[])[1])::jsonb, data::jsonb, traceparent,
       coalesce(occurred_at, (${9}::timestamptz[])[1])
FROM unnest(${0}::uuid[], ${1}::uuid[], ${2}::text[], ${3}::text[], ${4}::uuid[], ${5}::int[], ${6}::text[],
            ${7}::text[], ${8}::text[], ${9}::timestamptz[])
     WITH ORDINALITY AS new (id, workspace_id, type, subject_type, subject_id, subject_version, actor, data,
                             traceparent, occurred_at, place)
WHERE {condition}
ORDER BY place
"""


def insert_events_sql(*, first: int, condition: str = "true") -> str:
    """The statement that keeps events; its ten parameters, as `event_columns` makes them, begin with `$first`."""
    return _INSERT.format(*range(first, first + 10), condition=condition)


INSERT_EVENTS = insert_events_sql(first=1)


class Event(msgspec.Struct, Generic[Data], frozen=True, kw_only=True):
    """One fact as readers of a feed see it: CloudEvents 1.0, with our attributes as extensions.

    `position` orders the feed without gaps; `subject_version` lets a copy ignore what it knows already.
    """

    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    workspace_id: UUID = msgspec.field(name="workspaceid")
    subject_type: str = msgspec.field(name="subjecttype")
    subject_version: int = msgspec.field(name="subjectversion")
    actor_id: str = msgspec.field(name="actorid")
    actor_kind: str = msgspec.field(name="actorkind")
    position: int
    data: Data
    specversion: str = "1.0"
    datacontenttype: str = "application/json"
    traceparent: str | None = None
    is_snapshot: bool = msgspec.field(name="snapshot", default=False)

    def supersedes(self, version: int) -> bool:
        """Whether a copy at `version` should become what this says.

        What a snapshot says is the truth also over a higher version: then the source was set back by a restore.
        """
        return self.is_snapshot or self.subject_version > version

    def with_data(self, data: Other) -> "Event[Other]":
        """The same event, its data read as another type."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return Event(**fields | {"data": data})


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about to be kept."""

    id: UUID
    workspace_id: UUID
    type: str
    subject_type: str
    subject_id: UUID
    version: int
    actor: Mapping[str, str]
    occurred_at: datetime
    data: Mapping[str, Any] = {}
    traceparent: str | None = None


class EventLog:
    """Appends to the feed within the caller's transaction; readers are woken only after it has committed."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        actor: Mapping[str, str],
        clock: Clock,
        ids: IdMaker,
        traceparent: str | None = None,
        signal: Signal = lambda _topic: None,
    ) -> None:
        self._session = session
        self._actor = actor
        self._clock = clock
        self._ids = ids
        self._traceparent = traceparent
        self._signal = signal
        self._listeners: list[Callable[..., None]] = []

    def follow(self, traceparent: str) -> None:
        """What comes next belongs to this trace."""
        self._traceparent = traceparent

    def listen(self, listener: Callable[..., None]) -> None:
        """Tell `listener(type, subject_type=, subject_id=)` of each fact that this log keeps."""
        self._listeners.append(listener)

    async def append(
        self,
        type: str,  # noqa: A002 - the attribute's name in CloudEvents
        *,
        subject_type: str,
        subject_id: UUID,
        version: int,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep one fact; the subject's row must be locked by now, and pending changes are written first."""
        await self.append_all(
            [self.new(type, subject_type=subject_type, subject_id=subject_id, version=version, data=data)]
        )

    async def append_all(self, events: Sequence[NewEvent]) -> None:
        """Keep several facts with one statement, in their order."""
        if not events:
            return
        await self._session.flush()  # takes the row locks of what was changed; only then may a sequence be drawn
        await insert_events(await self._session.connection(), events)
        for event in events:
            for listener in self._listeners:
                listener(event.type, subject_type=event.subject_type, subject_id=event.subject_id)
        signal_after_commit(self._session, FEED_TOPIC, self._signal)

    def new(
        self,
        type: str,  # noqa: A002
        *,
        subject_type: str,
        subject_id: UUID,
        version: int,
        data: Mapping[str, Any] | None = None,
    ) -> NewEvent:
        """A fact in this log's name, to be kept by `append_all`."""
        return NewEvent(
            id=self._ids(),
            workspace_id=self._session.info["workspace_id"],
            type=type,
            subject_type=subject_type,
            subject_id=subject_id,
            version=version,
            actor=self._actor,
            occurred_at=self._clock.now(),
            data=data or {},
            traceparent=self._traceparent,
        )


async def insert_events(connection: AsyncConnection, events: Sequence[NewEvent]) -> None:
    """One statement for any number of events, inside the connection's transaction."""
    await connection.exec_driver_sql(INSERT_EVENTS, event_columns(events))


def event_columns(events: Sequence[NewEvent]) -> tuple[Any, ...]:
    """The parameters of `INSERT_EVENTS`, column by column; also for callers that hold the driver's connection.

    There must be an event.
    """
    actor = events[0].actor
    written = _json(actor)  # once: nearly always all of them are one caller's
    return (
        [event.id for event in events],
        shared([event.workspace_id for event in events]),
        shared([event.type for event in events]),
        shared([event.subject_type for event in events]),
        [event.subject_id for event in events],
        [event.version for event in events],
        shared([written if event.actor is actor else _json(event.actor) for event in events]),
        [_json(event.data) for event in events],
        given([event.traceparent for event in events]),
        shared([event.occurred_at for event in events]),
    )


def signal_after_commit(session: AsyncSession, topic: str, signal: Signal) -> None:
    """Say `topic` once this transaction has committed: a NOTIFY inside it would queue all commits behind one lock."""
    if "signals" not in session.info:
        hooks.listen(session.sync_session, "after_commit", _send_signals)
    session.info.setdefault("signals", {})[topic] = signal


def _send_signals(session: Session) -> None:
    if session.in_nested_transaction():  # the release of a savepoint is no commit yet
        return
    signals: dict[str, Signal] = session.info["signals"]
    while signals:
        topic, signal = signals.popitem()
        signal(topic)


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value).decode()
