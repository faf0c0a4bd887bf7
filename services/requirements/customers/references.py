"""Finds, makes and completes the contacts and companies that a batch of feedback names, in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from services.chassis.events import NewEvent
from services.requirements.customers.batch import Batch

ATTEMPTS = 3

LOOK_UP = """
SELECT id, source, external_id, $handle AS handle, name, $company AS company_id, version, merged_into_id
FROM $table WHERE workspace_id = $$1 AND $handle = ANY ($$2::text[])
UNION
SELECT known.* FROM unnest($$3::text[], $$4::text[]) AS named (source, external_id) CROSS JOIN LATERAL (
    SELECT id, source, external_id, $handle, name, $company, version, merged_into_id FROM $table
    WHERE workspace_id = $$1 AND source = named.source AND external_id = named.external_id LIMIT 1
) AS known
"""

# Asked only for whom the table itself does not know by these names.
ALIASES = """
SELECT nullif(alias.source, '') AS source, alias.value, alias.${table}_id AS row_id
FROM unnest($$2::text[], $$3::text[], $$4::text[]) AS named (kind, source, value)
JOIN ${table}_alias AS alias
  ON alias.workspace_id = $$1 AND alias.kind = named.kind AND alias.source = named.source AND alias.value = named.value
"""

BY_ID = """
SELECT id, source, external_id, $handle AS handle, name, $company AS company_id, version, merged_into_id
FROM $table WHERE workspace_id = $$1 AND id = ANY ($$2::uuid[])
"""

INSERT = """
INSERT INTO $table (workspace_id, id, source, external_id, $handle, name$and_company, version, created_at, updated_at)
SELECT $$1, id, source, external_id, handle, name$and_company, 1, $$2, $$2
FROM unnest($$3::uuid[], $$4::text[], $$5::text[], $$6::text[], $$7::text[], $$8::uuid[])
     AS new (id, source, external_id, handle, name, company_id)
ORDER BY source, external_id, handle
ON CONFLICT DO NOTHING
RETURNING id
"""

UPDATE = """
UPDATE $table SET source = new.source, external_id = new.external_id, $handle = new.handle, name = new.name,
       $set_company version = $table.version + 1, updated_at = $$2
FROM unnest($$3::uuid[], $$4::text[], $$5::text[], $$6::text[], $$7::text[], $$8::uuid[])
     AS new (id, source, external_id, handle, name, company_id)
WHERE $table.workspace_id = $$1 AND $table.id = new.id
"""


Identity = tuple[str | None, str]
"""An id within a source, or a handle within none."""


def identities_of(source: str, external_id: str | None, handle: str | None) -> list[Identity]:
    named: list[Identity] = [(source, external_id)] if external_id is not None else []
    return named + ([(None, handle)] if handle is not None else [])


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Who is meant: by the caller's id within a source, or by a handle (e-mail address, domain); and what is new."""

    source: str
    external_id: str | None
    handle: str | None
    name: str | None
    company_id: UUID | None = None

    @property
    def identities(self) -> "list[Identity]":
        return identities_of(self.source, self.external_id, self.handle)


@dataclass(kw_only=True)
class Known:
    """A row as it is known by now."""

    id: UUID
    source: str
    external_id: str | None
    handle: str | None
    name: str | None
    company_id: UUID | None
    version: int
    merged_into_id: UUID | None = None
    is_new: bool = False
    is_changed: bool = False

    @property
    def identities(self) -> "list[Identity]":
        return identities_of(self.source, self.external_id, self.handle)


class Raced(Exception):
    """Someone else kept making the same contacts; the group is tried again."""


@dataclass
class Book:
    """The rows found or made so far, by each of their identities."""

    rows: dict[Identity, Known] = field(default_factory=dict)

    def add(self, row: Known) -> None:
        self.rows |= dict.fromkeys(row.identities, row)

    def find(self, reference: Reference) -> Known | None:
        """The caller's own id decides before the handle does; two ids of one source are two people."""
        named_alike = None if reference.handle is None else self.rows.get((None, reference.handle))
        if reference.external_id is None:
            return named_alike
        found = self.rows.get((reference.source, reference.external_id))
        if found is not None or named_alike is None:
            return found
        is_other = named_alike.external_id is not None and named_alike.source == reference.source
        return None if is_other else named_alike

    def take(self, reference: Reference, *, new_id: UUID) -> Known:
        """The row meant, made or completed; what two rows would both claim stays where it is."""
        row = self.find(reference)
        handle_is_free = reference.handle is not None and (None, reference.handle) not in self.rows
        if row is None:
            row = Known(
                id=new_id,
                source=reference.source,
                external_id=reference.external_id,
                handle=reference.handle if handle_is_free else None,
                name=reference.name,
                company_id=reference.company_id,
                version=1,
                is_new=True,
            )
        else:
            self._complete(row, reference, handle_is_free=handle_is_free)
        self.add(row)
        return row

    def _complete(self, row: Known, reference: Reference, *, handle_is_free: bool) -> None:
        before = (row.source, row.external_id, row.handle, row.name, row.company_id)
        id_is_free = (reference.source, reference.external_id) not in self.rows
        if row.external_id is None and reference.external_id is not None and id_is_free:
            row.source, row.external_id = reference.source, reference.external_id
        if row.handle is None and handle_is_free:
            row.handle = reference.handle
        row.name = reference.name or row.name
        row.company_id = reference.company_id or row.company_id
        row.is_changed |= before != (row.source, row.external_id, row.handle, row.name, row.company_id)


@dataclass(frozen=True)
class Statements:
    """The statements over one of the two tables."""

    look_up: str
    aliases: str
    by_id: str
    insert: str
    update: str

    @classmethod
    def over(cls, table: str, *, handle: str, has_company: bool) -> "Statements":
        names = {
            "table": table,
            "handle": handle,
            "company": "company_id" if has_company else "NULL::uuid",
            "and_company": ", company_id" if has_company else "",
            "set_company": "company_id = new.company_id," if has_company else "",
        }
        return cls(*(Template(each).substitute(names) for each in (LOOK_UP, ALIASES, BY_ID, INSERT, UPDATE)))


class Directory:
    """One of the two tables, as a batch sees it."""

    table: ClassVar[str]
    handle: ClassVar[str]
    statements: ClassVar[Statements]

    def __init__(self, connection: asyncpg.Connection, batch: Batch) -> None:
        self._connection = connection
        self._batch = batch

    async def resolve(self, references: Sequence[Reference]) -> tuple[list[UUID], list[NewEvent]]:
        """The id for each reference, and the events of what was made or completed. Raises Raced."""
        if not references:
            return [], []
        for _ in range(ATTEMPTS):
            book = await self._look_up(references)
            rows = [book.take(each, new_id=self._batch.ids()) for each in references]
            changed = list({row.id: row for row in rows if row.is_new or row.is_changed}.values())
            if await self._insert([row for row in changed if row.is_new]):
                await self._update([row for row in changed if not row.is_new])
                return [row.id for row in rows], [self._event(row) for row in changed]
        raise Raced(self.table)

    async def _look_up(self, references: Sequence[Reference]) -> Book:
        external = sorted({(each.source, each.external_id) for each in references if each.external_id is not None})
        rows = await self._connection.fetch(
            self.statements.look_up,
            self._batch.workspace_id,
            sorted({each.handle for each in references if each.handle is not None}),
            [source for source, _ in external],
            [external_id for _, external_id in external],
        )
        book, pointers = Book(), dict[Identity, UUID]()
        for known in (Known(**row) for row in rows):
            if known.merged_into_id is None:
                book.add(known)
            else:
                pointers |= dict.fromkeys(known.identities, known.merged_into_id)
        unknown = {name for each in references if book.find(each) is None for name in each.identities} - pointers.keys()
        pointers |= await self._aliases(sorted(unknown, key=str))
        await self._follow(book, pointers)
        return book

    async def _aliases(self, unknown: Sequence[Identity]) -> dict[Identity, UUID]:
        """Whom other names stand for."""
        if not unknown:
            return {}
        rows = await self._connection.fetch(
            self.statements.aliases,
            self._batch.workspace_id,
            [self.handle if source is None else "id" for source, _ in unknown],
            [source or "" for source, _ in unknown],
            [value for _, value in unknown],
        )
        return {(row["source"], row["value"]): row["row_id"] for row in rows}

    async def _follow(self, book: Book, pointers: Mapping[Identity, UUID]) -> None:
        """Let each name stand for the row it points to, or for the one that this was merged into."""
        rows = {row.id: row for row in book.rows.values()}
        asked = set(pointers.values()) - rows.keys()
        while asked:
            found = await self._connection.fetch(self.statements.by_id, self._batch.workspace_id, list(asked))
            rows |= {row["id"]: Known(**row) for row in found}
            asked = {row.merged_into_id for row in rows.values() if row.merged_into_id is not None} - rows.keys()
        for name, row_id in pointers.items():
            row = rows[row_id]
            while row.merged_into_id is not None:
                row = rows[row.merged_into_id]
            book.add(row)
            book.rows[name] = row

    async def _insert(self, rows: Sequence[Known]) -> bool:
        """Whether all were written: whom someone else has just made is looked up again."""
        if not rows:
            return True
        written = await self._connection.fetch(
            self.statements.insert, self._batch.workspace_id, self._batch.now, *_columns(rows)
        )
        return len(written) == len(rows)

    async def _update(self, rows: Sequence[Known]) -> None:
        if not rows:
            return
        await self._connection.execute(
            self.statements.update, self._batch.workspace_id, self._batch.now, *_columns(rows)
        )
        for row in rows:
            row.version += 1

    def _event(self, row: Known) -> NewEvent:
        kind = f"{self.table}.created" if row.is_new else f"{self.table}.updated"
        return self._batch.event(kind, subject_type=self.table, subject_id=row.id, version=row.version)


class CompanyDirectory(Directory):
    table = "company"
    handle = "domain"
    statements = Statements.over("company", handle="domain", has_company=False)


class ContactDirectory(Directory):
    table = "contact"
    handle = "email"
    statements = Statements.over("contact", handle="email", has_company=True)


def _columns(rows: Sequence[Known]) -> tuple[list[Any], ...]:
    ordered = sorted(rows, key=lambda row: (row.source, row.external_id or "", row.handle or ""))
    return (
        [row.id for row in ordered],
        [row.source for row in ordered],
        [row.external_id for row in ordered],
        [row.handle for row in ordered],
        [row.name for row in ordered],
        [row.company_id for row in ordered],
    )
