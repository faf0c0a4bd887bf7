"""What goes when something is removed: the database takes dependants along, and each with a life of its own is told.

Read from the models: foreign keys that cascade, as deep as they go. A row that only is a part of another one (no `id`,
or not `is_told`) is told by what it is a part of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.events import EventLog
from services.chassis.rows import VersionedRow

FIRST_VERSION = 1
"""Of rows that are never changed."""


@dataclass(frozen=True, order=True)
class Gone:
    """Something that goes with something else."""

    noun: str
    id: UUID
    version: int


@dataclass(frozen=True)
class Edge:
    """The column by which rows of `child` hang on a row that goes."""

    child: Any
    column: str


async def tell_of_dependants(session: AsyncSession, row: Any) -> None:
    """Keeps an event for everything that the removal of the row is about to take along; the row is locked by now."""
    gone = await removed_with(session, type(row), row.id)
    if not gone:
        return
    log: EventLog = session.info["events"]
    await log.append_all(
        [
            log.new(f"{each.noun}.deleted", subject_type=each.noun, subject_id=each.id, version=each.version + 1)
            for each in gone
        ]
    )


async def removed_with(session: AsyncSession, model: Any, row_id: UUID) -> list[Gone]:
    """Everything that goes with the row and is told of, by noun and id; held until the transaction ends."""
    gone: set[Gone] = set()
    level: dict[Any, set[UUID]] = {model: {row_id}}
    seen: dict[Any, set[UUID]] = {model: {row_id}}
    while level:
        following: dict[Any, set[UUID]] = {}
        for parent, ids in level.items():
            for edge in edges_of(parent):
                known = seen.setdefault(edge.child, set())
                found = {each for each in await _hanging_on(session, edge, ids) if each.id not in known}
                gone |= found if edge.child.is_told else set()
                known |= {each.id for each in found}
                following.setdefault(edge.child, set()).update(each.id for each in found)
        level = {child: ids for child, ids in following.items() if ids}
    return sorted(gone)


@cache
def edges_of(model: Any) -> Sequence[Edge]:
    """The dependants that are told of, or that others which are told of hang on."""
    return tuple(edge for edge in _all_edges(model) if _leads_to_told(edge.child, frozenset({model})))


def noun_of(model: Any) -> str:
    """How events call it."""
    return str(model.told_as or model.__tablename__)


def _leads_to_told(model: Any, passed: frozenset[Any]) -> bool:
    if model.is_told:
        return True
    return any(
        _leads_to_told(edge.child, passed | {model}) for edge in _all_edges(model) if edge.child not in passed | {model}
    )


@cache
def _all_edges(model: Any) -> Sequence[Edge]:
    table = model.__table__
    return tuple(
        Edge(mapper.class_, column)
        for mapper in model.registry.mappers
        if mapper.local_table.metadata is table.metadata and hasattr(mapper.class_, "is_told")
        for key in mapper.local_table.foreign_key_constraints
        if key.referred_table is table and key.ondelete == "CASCADE"
        for column in key.column_keys
        if column != "workspace_id"
    )


async def _hanging_on(session: AsyncSession, edge: Edge, ids: set[UUID]) -> set[Gone]:
    child = edge.child
    is_versioned = issubclass(child, VersionedRow)
    columns = (child.id, child.version) if is_versioned else (child.id,)
    query = select(*columns).where(
        child.workspace_id == session.info["workspace_id"], getattr(child, edge.column).in_(ids)
    )
    if is_versioned:  # the others are never changed, and may be of a kind that the application cannot lock
        query = query.order_by(child.id).with_for_update()
    rows = (await session.execute(query)).all()
    return {Gone(noun_of(child), row[0], row[1] if is_versioned else FIRST_VERSION) for row in rows}
