"""The only SQL about the event log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.events.log.documents import public_document
from gateway.events.log.place import Extent, Place, epoch_of
from gateway.events.patterns import TypeFilter
from gateway.events.visibility import scope_of
from gateway.models import EventLogHead, LoggedEvent
from services.chassis.events import Event
from services.chassis.tables import feed_head


@dataclass(frozen=True)
class Logged:
    """An event with its place in the workspace's log."""

    position: int
    id: UUID
    type: str
    subject: UUID
    scope: str
    document: str


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """Which events a caller wants, and may see."""

    scopes: Collection[str]
    types: TypeFilter
    subject: UUID | None = None


class EventLogRepository:
    """A workspace's log."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @property
    def _workspace_id(self) -> UUID:
        workspace_id: UUID = self._session.info["workspace_id"]
        return workspace_id

    async def append(self, events: Sequence[Event[Any]], *, at: datetime) -> list[Logged]:
        """Write the events that are not in the log yet, in their order; nobody else appends until the commit."""
        position = await self._lock_head()
        known = set(
            await self._session.scalars(
                select(LoggedEvent.id).where(
                    LoggedEvent.workspace_id == self._workspace_id, LoggedEvent.id.in_([event.id for event in events])
                )
            )
        )
        new = [event for event in {event.id: event for event in events}.values() if event.id not in known]
        logged = [_logged(event, position + place) for place, event in enumerate(new, start=1)]
        if logged:
            await self._write(logged, at=at)
        return logged

    async def _lock_head(self) -> int:
        start = upsert(EventLogHead).values(workspace_id=self._workspace_id, position=0, oldest_position=1)
        await self._session.execute(start.on_conflict_do_nothing())
        mine = select(EventLogHead.position).where(EventLogHead.workspace_id == self._workspace_id)
        return (await self._session.execute(mine.with_for_update())).scalar_one()

    async def _write(self, logged: Sequence[Logged], *, at: datetime) -> None:
        rows = [
            {
                "workspace_id": self._workspace_id,
                "position": each.position,
                "id": each.id,
                "type": each.type,
                "subject_id": each.subject,
                "scope": each.scope,
                "logged_at": at,
                "document": each.document,
            }
            for each in logged
        ]
        await self._session.execute(insert(LoggedEvent), rows)
        await self._session.execute(
            update(EventLogHead)
            .where(EventLogHead.workspace_id == self._workspace_id)
            .values(position=logged[-1].position)
            .execution_options(synchronize_session=False)
        )

    async def extent(self) -> Extent:
        """From where to where the log can be read now."""
        feed_id = (await self._session.execute(select(feed_head.c.feed_id))).scalar_one()
        head = (
            await self._session.execute(
                select(EventLogHead.oldest_position, EventLogHead.position).where(
                    EventLogHead.workspace_id == self._workspace_id
                )
            )
        ).one_or_none()
        oldest, newest = (1, 0) if head is None else (head.oldest_position, head.position)
        return Extent(epoch_of(feed_id), oldest, newest)

    async def page(self, query: LogQuery, *, after: Place, upto: int, limit: int) -> Sequence[tuple[int, str]]:
        """Positions and documents of the events after a place, in their order."""
        log = LoggedEvent
        wanted = select(log.position, log.document).where(
            log.workspace_id == self._workspace_id,
            log.position > after.position,
            log.position <= upto,
            log.scope.in_(query.scopes),
            of_types(log.type, query.types),
        )
        if query.subject is not None:
            wanted = wanted.where(log.subject_id == query.subject)
        found = await self._session.execute(wanted.order_by(log.position).limit(limit))
        return [(row.position, row.document) for row in found]


def of_types(column: Any, types: TypeFilter) -> ColumnElement[bool]:
    """The condition on a column of event types."""
    if types.is_everything:
        return true()
    return or_(column.in_(types.exact), func.split_part(column, ".", 1).in_(types.families))


def _logged(event: Event[Any], position: int) -> Logged:
    return Logged(
        position=position,
        id=event.id,
        type=event.type,
        subject=event.subject,
        scope=scope_of(event.source, event.subject_type),
        document=public_document(event, position),
    )
