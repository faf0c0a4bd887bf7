"""Keeps one kind of thing of the strategy: made, read, listed, changed, removed, and each change told."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, StillReferenced, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Body, Money, Page, Patch, Reading
from services.chassis.unit_of_work import Work
from services.roadmap.copies.service import CopyService
from services.roadmap.keeping.repository import OWN, LinkedRepository, LinkRepository
from services.roadmap.models.base import columns, touch
from services.roadmap.models.links import LinkedRow, StrategyLink

Row = TypeVar("Row", bound=LinkedRow)
Read = TypeVar("Read", bound=Reading)

KINDS = {
    "theme_ids": "theme",
    "company_ids": "company",
    "requirement_ids": "requirement",
    **{f"{kind}_ids": kind for kind in OWN},
}
"""Fields that are links, with the kind of their ends."""


class Keeper(Generic[Row, Read]):
    """Of one kind of thing; `noun` begins its events, and a room adds what is special about it."""

    noun: ClassVar[str]
    repository: ClassVar[type[LinkedRepository[Any]]]
    read: ClassVar[type[Reading]]

    def __init__(self, work: Work) -> None:
        self.work = work
        self.copies = CopyService(work)

    @property
    def rows(self) -> LinkedRepository[Row]:
        return self.repository(self.work.session)

    async def create(self, new: Body, **owner: UUID) -> Row:
        """Below its owner, if it has one.

        Raises UnknownReference when it names what does not exist, Invalid when it contradicts itself.
        """
        fields = new.fields() | owner
        await self._require_neighbours(fields)
        row = self.rows.model(links=[])
        await self._write(row, fields)
        await self.rows.add(row)
        await self.tell("created", row)
        return row  # type: ignore[no-any-return]  # the repository's model is the row's

    async def get(self, row_id: UUID) -> Row:
        return await self.rows.get(row_id)

    async def search(
        self, page: PageQuery, *, linked: Mapping[str, UUID | None] | None = None, **equal: Any
    ) -> Page[Read]:
        """One page of those with these values and links; None does not filter."""
        wanted = {name: value for name, value in equal.items() if value is not None}
        ends = {name: value for name, value in (linked or {}).items() if value is not None}
        read: Callable[[Any], Any] = self.read.model_validate
        return await list_page(
            self.work,
            self.rows.matching(equal=wanted, linked=ends.values()),
            page,
            model=self.rows.model,
            subject_type=self.noun,
            read=read,
            filters={**equal, **(linked or {})},
        )

    async def update(self, row_id: UUID, change: Patch, *, if_match: Precondition) -> Row:
        changes = change.changes()
        await self._require_neighbours(changes)
        row = await self.rows.get(row_id, lock=True)
        if_match.check(row)
        await self._write(row, changes)
        touch(row)
        await self.work.session.flush()
        await self.tell("updated", row)
        return row

    async def delete(self, row_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while something links to it."""
        row = await self.rows.get(row_id, lock=True)
        if_match.check(row)
        await require_unnamed(self.work, row_id)
        await self.require_removable(row)
        version = row.version
        await self.rows.remove(row)
        await self.work.events.append(
            f"{self.noun}.deleted", subject_type=self.noun, subject_id=row_id, version=version + 1
        )

    async def check(self, row: Row) -> None:
        """Raises Invalid when the row contradicts itself; a room says how."""

    async def require_removable(self, row: Row) -> None:
        """Raises StillReferenced when something else rests on the row; a room says what."""

    async def tell(self, what: str, row: Row) -> None:
        links = [{"kind": each.target_kind, "id": each.target_id} for each in row.links]
        await self.work.events.append(
            f"{self.noun}.{what}",
            subject_type=self.noun,
            subject_id=row.id,
            version=row.version,
            data={"links": links},
        )

    async def _write(self, row: Row, fields: Mapping[str, Any]) -> None:
        with self.work.session.no_autoflush:  # a row that is half written is not yet a version of its own
            await self._link(row, {name: ids for name, ids in fields.items() if name in KINDS})
            for name, value in columns(_plain(fields)).items():
                if name not in KINDS:
                    setattr(row, name, value)
            await self.check(row)

    async def _link(self, row: Row, ends: Mapping[str, list[UUID]]) -> None:
        links = LinkRepository(self.work.session)
        faults = []
        for name, ids in ends.items():
            kind = KINDS[name]
            known = await links.held(kind, set(ids)) if kind in OWN and ids else set(ids)
            faults += _unknown(name, ids, known, noun=kind)
            kept = {each.target_id: each for each in row.links if each.target_kind == kind}
            others = [each for each in row.links if each.target_kind != kind]
            wanted = [
                kept.get(each) or StrategyLink(target_id=each, source_kind=self.noun, target_kind=kind)
                for each in sorted(set(ids))
            ]
            row.links = [*others, *wanted]
        if faults:
            raise UnknownReference(errors=faults)

    async def _require_neighbours(self, fields: Mapping[str, Any]) -> None:
        def named(field: str) -> dict[str, UUID]:
            return {f"/{field}/{position}": each for position, each in enumerate(fields.get(field) or ())}

        await self.copies.require(
            requirements=named("requirement_ids"), themes=named("theme_ids"), companies=named("company_ids")
        )


async def require_unnamed(work: Work, row_id: UUID) -> None:
    """Raises StillReferenced while something of the strategy links to it; the caller has locked its row."""
    kind = await LinkRepository(work.session).naming(row_id)
    if kind is not None:
        raise StillReferenced(f"A {kind.replace('_', ' ')} names it: unlink it there first.")


def require_amount(pointer: str, amount: Money | None) -> None:
    """Raises Invalid for less than nothing."""
    if amount is not None and amount.amount_minor < 0:
        raise Invalid(errors=[FieldError(f"{pointer}/amount_minor", "It cannot be negative.")])


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Money as its two columns: `<name>_minor` and `currency`; a row has at most one amount."""
    plain: dict[str, Any] = {}
    for name, value in fields.items():
        if name in MONEY:
            if name not in SIGNED:
                require_amount(f"/{name}", value)
            plain |= {f"{name}_minor": value and value.amount_minor, "currency": value and value.currency}
        else:
            plain[name] = value
    return plain


MONEY = frozenset({"annual_value", "revenue", "planned", "amount"})
SIGNED = frozenset({"amount"})


def _unknown(field: str, ids: list[UUID], known: set[UUID], *, noun: str) -> list[FieldError]:
    return [
        FieldError(f"/{field}/{position}", f"There is no {noun.replace('_', ' ')} {each}.", "unknown")
        for position, each in enumerate(ids)
        if each not in known
    ]
