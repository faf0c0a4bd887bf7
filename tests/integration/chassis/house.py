"""A service's messaging parts on a database of its own, without HTTP around them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database import Database
from services.chassis.events import Event, EventLog
from services.chassis.feed import Feed, FeedPage
from services.chassis.snapshot import CurrentState, Snapshots
from services.chassis.wakeup import Wakeup
from tests.integration.chassis.toy import Note, NoteRepository, create_tables
from tests.postgres import DatabaseAddress, PostgresForTests

WORKSPACE = UUID(int=1)
ACTOR = {"id": "key:test", "kind": "key"}


@dataclass(frozen=True)
class House:
    """What a process of the toy service holds to tell others what happened."""

    address: DatabaseAddress
    database: Database
    wakeup: Wakeup
    feed: Feed

    def log(self, session: Any) -> EventLog:
        return EventLog(
            session, actor=ACTOR, clock=self.database.clock, ids=self.database.ids, signal=self.wakeup.signal
        )

    async def happen(
        self, subject_id: UUID | None = None, *, version: int = 1, kind: str = "note.created", **data: Any
    ) -> UUID:
        """One event in a transaction of its own."""
        subject_id = subject_id or uuid4()
        async with self.database.transaction(workspace_id=WORKSPACE) as session:
            await self.log(session).append(kind, subject_type="note", subject_id=subject_id, version=version, data=data)
        return subject_id

    async def keep(self, stars: int, *, note_id: UUID | None = None, workspace_id: UUID = WORKSPACE) -> UUID:
        """Make or change a note, and tell of it."""
        async with self.database.transaction(workspace_id=workspace_id) as session:
            notes = NoteRepository(session)
            note = await notes.find(note_id, lock=True) if note_id else None
            kind = "note.updated" if note else "note.created"
            if note is None:
                note = await notes.add(Note(id=note_id or uuid4(), title=str(uuid4()), stars=stars))
            note.stars = stars
            await session.flush()
            await self.log(session).append(
                kind, subject_type="note", subject_id=note.id, version=note.version, data={"stars": stars}
            )
        return note.id

    async def drop(self, note_id: UUID) -> None:
        async with self.database.transaction(workspace_id=WORKSPACE) as session:
            note = await NoteRepository(session).get(note_id, lock=True)
            await session.delete(note)
            await self.log(session).append(
                "note.deleted", subject_type="note", subject_id=note_id, version=note.version + 1
            )

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(self.database, self.feed, [NoteStates()])


class NoteStates:
    """The snapshot of the toy's notes."""

    subject_type = "note"
    event_type = "note.updated"

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        query = NoteRepository(session).rows().order_by(Note.id).limit(limit)
        if after is not None:
            query = query.where(Note.id > after)
        return [
            CurrentState(subject_id=note.id, version=note.version, time=note.updated_at, data={"stars": note.stars})
            for note in await session.scalars(query)
        ]


@asynccontextmanager
async def open_house(address: DatabaseAddress, *, service: str = "toy") -> AsyncIterator[House]:
    database = Database(address.app_url)
    async with Wakeup(address.app_url) as wakeup:
        yield House(address, database, wakeup, Feed(database, wakeup, service=service))
    await database.close()


async def migrated(postgres: PostgresForTests, *, service: str = "requirements") -> DatabaseAddress:
    """A database with the toy's schema, copied from one that was migrated once."""
    return await copy_of("toy", postgres, service=service, make=create_tables)


_templates: dict[tuple[int, str, str], str] = {}


async def copy_of(
    what: str, postgres: PostgresForTests, *, service: str, make: Callable[..., Awaitable[None]]
) -> DatabaseAddress:
    """A copy of the database that `make(owner_url, app_role=...)` fills, on its first use, for this server."""
    key = (id(postgres), what, service)
    if key not in _templates:
        template = await postgres.database(service)
        await make(template.owner_url, app_role=f"fullcircle_{service}_app")
        _templates[key] = template.name
    return await postgres.database(service, template=_templates[key])


def events_of(page: FeedPage) -> Sequence[Event[dict[str, Any]]]:
    return msgspec.json.decode(page.body(), type=list[Event[dict[str, Any]]])
