"""A service that keeps copies of another's notes, and can be told to stumble."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Connection, Identity, Integer, MetaData, Table, Uuid, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.support import create_infrastructure, enable_row_level_security
from services.chassis.app import build_context
from services.chassis.consumer import Consumer
from services.chassis.context import ServiceContext
from services.chassis.database import driver_url
from services.chassis.events import Event
from services.chassis.feed_handlers import Handlers, Sweep, is_superseded
from services.chassis.feed_sources import FeedSource
from services.chassis.settings import ServiceSettings
from services.chassis.unit_of_work import UnitOfWork
from tests.integration.chassis.house import copy_of
from tests.integration.chassis.toy import SEED
from tests.postgres import DatabaseAddress, PostgresForTests

metadata = MetaData()
note_copy = Table(
    "note_copy",
    metadata,
    Column("workspace_id", Uuid, primary_key=True),
    Column("note_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stars", Integer, nullable=False),
)
effect = Table(
    "effect",
    metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("workspace_id", Uuid),
    Column("note_id", Uuid),
    Column("version", Integer),
)


class NoteState(msgspec.Struct):
    stars: int = 0


@dataclass
class Reader:
    """The reading side; `stumble_on` holds the star counts that its handler cannot take."""

    context: ServiceContext
    handlers: Handlers = field(default_factory=Handlers)
    stumble_on: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.handlers.on("note.created", "note.updated", data=NoteState)(self.take_over)
        self.handlers.on("note.deleted", data=dict)(self.remove)
        self.handlers.removes("note")(self.sweep)

    def consumer(self, source: FeedSource, **options: Any) -> Consumer:
        return Consumer(self.context, source, self.handlers, **options)

    async def take_over(self, work: UnitOfWork, event: Event[NoteState]) -> None:
        if event.data.stars in self.stumble_on:
            raise LookupError(f"{event.data.stars} stars")
        new = insert(note_copy).values(
            workspace_id=event.workspace_id,
            note_id=event.subject,
            version=event.subject_version,
            stars=event.data.stars,
        )
        changed = await work.session.execute(
            new.on_conflict_do_update(
                index_elements=["workspace_id", "note_id"],
                set_={"version": new.excluded.version, "stars": new.excluded.stars},
                where=is_superseded(note_copy.c.version, by=event),
            ).returning(note_copy.c.version)
        )
        if changed.one_or_none():
            await work.session.execute(
                insert(effect).values(
                    workspace_id=event.workspace_id, note_id=event.subject, version=event.subject_version
                )
            )

    async def remove(self, work: UnitOfWork, event: Event[dict[str, Any]]) -> None:
        await work.session.execute(delete(note_copy).where(note_copy.c.note_id == event.subject))

    async def sweep(self, work: UnitOfWork, sweep: Sweep) -> None:
        await work.session.execute(delete(note_copy).where(sweep.is_unseen(note_copy.c.note_id)))

    async def copies(self, workspace_id: UUID) -> dict[UUID, tuple[int, int]]:
        async with self.context.database.session(workspace_id=workspace_id) as session:
            rows = await session.execute(select(note_copy))
            return {row.note_id: (row.version, row.stars) for row in rows}

    async def effects(self, workspace_id: UUID) -> list[tuple[UUID, int]]:
        async with self.context.database.session(workspace_id=workspace_id) as session:
            rows = await session.execute(select(effect).order_by(effect.c.number))
            return [(row.note_id, row.version) for row in rows]


async def new_reader(address: DatabaseAddress, *, name: str = "reader") -> Reader:
    """A reader on a database of its own, which `reader_database` has made."""
    settings = ServiceSettings(
        database_url=address.app_url,
        migration_url=address.owner_url,
        direct_url=address.app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
    )
    return Reader(build_context(name, settings))


async def reader_database(postgres: PostgresForTests) -> DatabaseAddress:
    return await copy_of("reader", postgres, service="roadmap", make=create_reader_tables)


async def create_reader_tables(owner_url: str, *, app_role: str) -> None:
    def migrate(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection, opts={"application_role": app_role})):
            create_infrastructure()
            metadata.create_all(connection)
            enable_row_level_security("note_copy")
            enable_row_level_security("effect")

    engine = create_async_engine(driver_url(owner_url))
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()
