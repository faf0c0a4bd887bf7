"""Events that could not be applied: set aside with their error, their subject's later events in line behind them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.chassis.feed_sources import RawEvent
from services.chassis.tables import parked_event

LONGEST_ERROR = 500


@dataclass(frozen=True)
class ParkedEvent:
    """An event in line; the first of its subject carries the error that stopped it."""

    cursor: str
    event: RawEvent
    error: str | None
    attempts: int
    parked_at: datetime


async def parked_subjects(session: AsyncSession, cursor: str, subject_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the subjects that have events in line."""
    found = await session.scalars(
        select(parked_event.c.subject_id)
        .where(parked_event.c.cursor == cursor, parked_event.c.subject_id.in_(set(subject_ids)))
        .distinct()
    )
    return set(found)


async def park(session: AsyncSession, cursor: str, event: RawEvent, fault: Exception | None) -> None:
    """Set the event aside; without a fault it only waits for an earlier one of its subject."""
    await session.execute(
        insert(parked_event)
        .values(
            cursor=cursor,
            event_id=event.id,
            workspace_id=event.workspace_id,
            subject_type=event.subject_type,
            subject_id=event.subject,
            event=msgspec.to_builtins(event_document(event)),
            error=describe(fault) if fault else None,
            attempts=1 if fault else 0,
        )
        .on_conflict_do_nothing()
    )


async def list_parked(
    reader: AsyncSession | AsyncConnection,
    *,
    cursor: str | None = None,
    subject_id: UUID | None = None,
    limit: int = 200,
) -> Sequence[ParkedEvent]:
    """Events in line, oldest first."""
    query = select(parked_event).order_by(parked_event.c.sequence).limit(limit)
    if cursor is not None:
        query = query.where(parked_event.c.cursor == cursor)
    if subject_id is not None:
        query = query.where(parked_event.c.subject_id == subject_id)
    return [_parked(row) for row in await reader.execute(query)]


async def unpark(session: AsyncSession, cursor: str, event: RawEvent) -> bool:
    """Take the event out of the line; False when it is not in it any more."""
    gone = await session.execute(
        delete(parked_event)
        .where(parked_event.c.cursor == cursor, parked_event.c.event_id == event.id)
        .returning(parked_event.c.sequence)
    )
    return gone.scalar_one_or_none() is not None


async def note_failure(session: AsyncSession, cursor: str, event: RawEvent, fault: Exception) -> None:
    """Leave the event where it is, with the latest error."""
    await session.execute(
        update(parked_event)
        .where(parked_event.c.cursor == cursor, parked_event.c.event_id == event.id)
        .values(error=describe(fault), attempts=parked_event.c.attempts + 1, parked_at=func.clock_timestamp())
    )


def describe(fault: Exception) -> str:
    """The kind of the error and the start of its first line; a database error's parameters are left out."""
    text = str(getattr(fault, "orig", None) or fault).partition("\n")[0]
    return f"{type(fault).__name__}: {text}"[:LONGEST_ERROR]


def event_document(event: RawEvent) -> object:
    """The event as plain JSON values."""
    return msgspec.json.decode(msgspec.json.encode(event))


_decode: Callable[[bytes], RawEvent] = msgspec.json.Decoder(RawEvent).decode


def _parked(row: Row[tuple[object, ...]]) -> ParkedEvent:
    return ParkedEvent(row.cursor, _decode(msgspec.json.encode(row.event)), row.error, row.attempts, row.parked_at)
