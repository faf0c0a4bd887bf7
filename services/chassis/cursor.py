"""How far a consumer has come: one row, locked by whoever applies, moved with the effects in one transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database import Database
from services.chassis.feed_sources import RawEvent
from services.chassis.tables import cursor, known_workspace, snapshot_subject

ENTER_WORKSPACE = text("SELECT set_config('app.workspace_id', :workspace_id, true)")


class CursorMoved(Exception):
    """Another replica has applied something meanwhile; what was read from the old position is dropped."""


@dataclass(frozen=True)
class Place:
    """A consumer's place in its source's feed; no feed id means that it has read nothing yet."""

    feed_id: UUID | None
    position: int
    snapshot_id: UUID | None = None


class Cursor:
    """The row of one consumer."""

    def __init__(self, database: Database, *, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self._database = database

    async def place(self) -> Place:
        """Where the consumer stands; a new one stands at the beginning."""
        async with self._database.engine.begin() as connection:
            row = (await connection.execute(self._select())).one_or_none()
            if row is None:
                await connection.execute(
                    insert(cursor).values(name=self.name, source=self.source).on_conflict_do_nothing()
                )
        return Place(None, 0) if row is None else Place(*row)

    @asynccontextmanager
    async def hold(self, expected: Place) -> AsyncIterator[AsyncSession]:
        """A transaction that nobody else can apply in; raises CursorMoved unless the place is still `expected`."""
        async with self._database.transaction(workspace_id=None) as session:
            row = (await session.execute(self._select().with_for_update())).one()
            if Place(*row) != expected:
                raise CursorMoved(self.name)
            yield session

    @asynccontextmanager
    async def hold_anywhere(self) -> AsyncIterator[AsyncSession]:
        """A transaction that nobody else can apply in, wherever the cursor stands."""
        async with self._database.transaction(workspace_id=None) as session:
            await session.execute(self._select().with_for_update())
            yield session

    async def move(self, session: AsyncSession, place: Place) -> None:
        """Stand at `place` once the transaction has committed."""
        await session.flush()
        await session.execute(
            update(cursor)
            .where(cursor.c.name == self.name)
            .values(
                feed_id=place.feed_id,
                position=place.position,
                snapshot_id=place.snapshot_id,
                updated_at=func.clock_timestamp(),
            )
        )

    def _select(self) -> Select[UUID | None, int, UUID | None]:
        return select(cursor.c.feed_id, cursor.c.position, cursor.c.snapshot_id).where(cursor.c.name == self.name)


async def enter_workspace(session: AsyncSession, workspace_id: UUID) -> None:
    """Go on in another workspace within the same transaction; what is held back is written in the old one first."""
    await session.flush()
    session.expunge_all()
    session.info["workspace_id"] = workspace_id
    await session.execute(ENTER_WORKSPACE, {"workspace_id": str(workspace_id)})


async def remember_workspaces(session: AsyncSession, workspace_ids: set[UUID]) -> None:
    """A service that keeps copies of a workspace's things must find it again when it walks all workspaces."""
    if workspace_ids:
        rows = [{"workspace_id": workspace_id} for workspace_id in sorted(workspace_ids)]
        await session.execute(insert(known_workspace).values(rows).on_conflict_do_nothing())


async def all_workspaces(session: AsyncSession) -> Sequence[UUID]:
    """Every workspace that this service has heard of."""
    return (
        await session.scalars(select(known_workspace.c.workspace_id).order_by(known_workspace.c.workspace_id))
    ).all()


async def note_seen(session: AsyncSession, snapshot_id: UUID, events: Sequence[RawEvent]) -> None:
    """These subjects were brought by the snapshot."""
    if events:
        rows = [
            {
                "snapshot_id": snapshot_id,
                "workspace_id": event.workspace_id,
                "subject_type": event.subject_type,
                "subject_id": event.subject,
            }
            for event in events
        ]
        await session.execute(insert(snapshot_subject).values(rows).on_conflict_do_nothing())


async def forget_seen(session: AsyncSession, snapshot_id: UUID | None) -> None:
    """The snapshot is over, or was given up."""
    await session.execute(delete(snapshot_subject).where(snapshot_subject.c.snapshot_id == snapshot_id))
