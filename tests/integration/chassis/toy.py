"""A service of one table, for tests of what the chassis promises on every route."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from alembic.migration import MigrationContext
from alembic.operations import Operations
from fastapi import FastAPI, Query
from sqlalchemy import Connection, UniqueConstraint
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Mapped, mapped_column

from migrations.support import create_infrastructure, enable_row_level_security
from services.chassis.answers import Accepted, Created, accepted, created
from services.chassis.app import build_app, build_context
from services.chassis.child import run_in_child
from services.chassis.concurrency import IfMatch
from services.chassis.database import driver_url
from services.chassis.errors import Invalid
from services.chassis.jobs import worker
from services.chassis.operation_routes import operations_router
from services.chassis.operations import OperationKinds, OperationRead, OperationRun
from services.chassis.pagination import Paging, list_page
from services.chassis.repository import Repository
from services.chassis.routing import Router
from services.chassis.rows import Base, VersionedRow, naming_metadata
from services.chassis.settings import ServiceSettings
from services.chassis.types import Body, Count, Page, Patch, Resource, Title, omitted
from services.chassis.unit_of_work import Work

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
MOMENT = datetime(2026, 1, 31, tzinfo=UTC)


class ToyBase(Base):
    __abstract__ = True
    metadata = naming_metadata()


class Note(VersionedRow, ToyBase):
    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("workspace_id", "title"),)

    title: Mapped[str] = mapped_column()
    stars: Mapped[int] = mapped_column(default=0)


class NoteCreate(Body):
    title: Title
    stars: Count = 0


class NoteUpdate(Patch):
    title: Title = omitted()
    stars: Count = omitted()


class OperationCreate(Body):
    kind: str
    number: Count = 3


class NoteRead(Resource):
    title: str
    stars: int


class NoteRepository(Repository[Note]):
    model: ClassVar[Any] = Note


router = Router(prefix="/v1/notes", tags=["Notes"])


@router.post(scope="roadmap:write", example={"title": "Hello"})
async def create_note(new: NoteCreate, work: Work) -> Created[NoteRead]:
    """Keep a note."""
    note = await NoteRepository(work.session).add(Note(**new.fields()))
    await work.events.append("note.created", subject_type="note", subject_id=note.id, version=note.version)
    return created(note)


@router.get(scope="roadmap:read")
async def list_notes(work: Work, page: Paging, stars: Annotated[int | None, Query()] = None) -> Page[NoteRead]:
    """List notes."""
    query = NoteRepository(work.session).rows()
    if stars is not None:
        query = query.where(Note.stars == stars)
    return await list_page(
        work, query, page, model=Note, subject_type="note", read=NoteRead.model_validate, filters={"stars": stars}
    )


@router.get("/{note_id}", scope="roadmap:read")
async def get_note(note_id: UUID, work: Work) -> NoteRead:
    """Read a note."""
    return NoteRead.model_validate(await NoteRepository(work.session).get(note_id))


@router.patch("/{note_id}", scope="roadmap:write", example={"stars": 2})
async def update_note(note_id: UUID, change: NoteUpdate, work: Work, if_match: IfMatch) -> NoteRead:
    """Change a note."""
    note = await NoteRepository(work.session).get(note_id, lock=True)
    if_match.check(note)
    for name, value in change.changes().items():
        setattr(note, name, value)
    await work.session.flush()
    await work.events.append("note.updated", subject_type="note", subject_id=note.id, version=note.version)
    return NoteRead.model_validate(note)


@router.delete("/{note_id}", scope="roadmap:write")
async def delete_note(note_id: UUID, work: Work, if_match: IfMatch) -> None:
    """Remove a note."""
    notes = NoteRepository(work.session)
    note = await notes.get(note_id, lock=True)
    if_match.check(note)
    await notes.remove(note)
    await work.events.append("note.deleted", subject_type="note", subject_id=note.id, version=note.version + 1)


kinds = OperationKinds()


@kinds.kind("notes.count")
async def count_notes(run: OperationRun) -> None:
    await run.progress(0.5, "counting")
    total = await run_in_child("tests.unit.chassis.child_work:square", run.payload["number"])
    async with run.transaction() as session:
        note = await NoteRepository(session).add(Note(title=f"{total} {run.id}"))
        await run.succeed(session, {"note_id": str(note.id), "total": total})


@kinds.kind("notes.refuse")
async def refuse(_run: OperationRun) -> None:
    raise Invalid("No such luck.")


@kinds.kind("notes.forever")
async def forever(run: OperationRun) -> None:
    await run.progress(0.1)
    await run_in_child("tests.unit.chassis.child_work:never_end", None)


@router.post("/operations", scope="roadmap:write", example={"kind": "notes.count", "number": 3})
async def start_operation(new: OperationCreate, work: Work) -> Accepted[OperationRead]:
    """Start long work."""
    operation = await work.operations.start(new.kind, {"number": new.number})
    return accepted(operation, operation_id=operation.id)


async def create_tables(owner_url: str, *, app_role: str) -> None:
    """The toy's whole schema, made the way a first migration makes it."""

    def migrate(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"application_role": app_role})
        with Operations.context(context):
            create_infrastructure()
            ToyBase.metadata.create_all(connection)
            enable_row_level_security("note")

    engine = create_async_engine(driver_url(owner_url))
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def toy_app(app_url: str) -> FastAPI:
    settings = ServiceSettings(
        database_url=app_url,
        migration_url=app_url,
        direct_url=app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
    )
    return build_app(
        build_context("toy", settings),
        title="Toy",
        description="A toy.",
        routers=[router, operations_router(read_scope="roadmap:read", write_scope="roadmap:write")],
        background=[worker([kinds.jobs])],
    )
