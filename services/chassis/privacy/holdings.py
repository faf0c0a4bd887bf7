"""What a service declares of the personal data it keeps, so that no table can be forgotten."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from uuid import UUID

import sqlalchemy as sa
from pgvector.sqlalchemy import HALFVEC, VECTOR
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.unit_of_work import UnitOfWork

ABLE_TO_HOLD = (sa.String, sa.LargeBinary, sa.JSON, JSONB, ARRAY, TSVECTOR, HALFVEC, VECTOR)
"""Column types that could carry a person's words, name or address."""


class DataSubject(BaseModel):
    """The person meant: the contact, and every id under which something of theirs is kept."""

    contact_id: UUID
    emails: list[str] = []
    ids: list[UUID] = []

    @property
    def all_ids(self) -> list[UUID]:
        return [self.contact_id, *self.ids]

    @property
    def names(self) -> list[str]:
        """All that may stand for the person in a text, or may have been hashed."""
        return [*map(str, self.all_ids), *self.emails]


class Holding(Protocol):
    """Personal data in some tables. Every method works in the session's workspace and transaction."""

    covers: ClassVar[Mapping[str, Sequence[str]]]
    """Table by table, the columns that hold personal data and are answered for here."""

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        """The person's rows, table by table, as plain values."""
        ...

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """Remove the person's data and tell so; answers how many rows were touched in each table.

        Doing it again does no harm.
        """
        ...


@dataclass(frozen=True)
class PersonalData:
    """All holdings of a service, and why its other tables (or `table.column`) hold nothing of a person."""

    holdings: Sequence[Holding]
    impersonal: Mapping[str, str] = field(default_factory=dict)

    def tables(self) -> list[str]:
        """The tables that are rewritten after an erasure."""
        return sorted({table for holding in self.holdings for table in holding.covers})

    def unclassified(self, tables: Sequence[sa.Table]) -> Iterator[str]:
        """Each column that could hold personal data and is neither covered nor said to be impersonal."""
        covered = {
            (table, column)
            for holding in self.holdings
            for table, columns in holding.covers.items()
            for column in columns
        }
        for table in tables:
            for column in table.columns:
                if not isinstance(column.type, ABLE_TO_HOLD) or table.name in self.impersonal:
                    continue
                name = f"{table.name}.{column.name}"
                if (table.name, column.name) not in covered and name not in self.impersonal:
                    yield name


async def export_all(personal: PersonalData, work: UnitOfWork, subject: DataSubject) -> dict[str, list[dict[str, Any]]]:
    """What all holdings show of a person."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for holding in personal.holdings:
        tables |= await holding.export(work.session, subject)
    return {name: rows for name, rows in tables.items() if rows}


async def erase_all(personal: PersonalData, work: UnitOfWork, subject: DataSubject) -> dict[str, int]:
    """Erase in every holding; answers the rows touched, table by table."""
    rows: Counter[str] = Counter()
    for holding in personal.holdings:
        rows.update(await holding.erase(work, subject))
    return {name: count for name, count in sorted(rows.items()) if count}
