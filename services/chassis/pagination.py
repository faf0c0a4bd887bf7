"""Lists: keyset cursors, changes since a sync token, many by id; the same for every list of the API."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from services.chassis.changes import changed_since, feed_position
from services.chassis.cursors import binding_of
from services.chassis.errors import FieldError, Invalid
from services.chassis.types import Page, Tombstone
from services.chassis.unit_of_work import UnitOfWork

MAX_LIMIT = 200
MAX_IDS = 200

Item = TypeVar("Item")


@dataclass(frozen=True)
class PageQuery:
    """The parameters that every list takes."""

    limit: int = 50
    cursor: str | None = None
    sync_token: str | None = None
    ids: tuple[UUID, ...] = ()
    is_counted: bool = False


async def _page_query(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items at most.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=2_000, description="`next_cursor` of the previous page, with the same filters.")
    ] = None,
    sync_token: Annotated[
        str | None,
        Query(
            max_length=2_000, description="`sync_token` of an earlier answer: only what changed since, and `deleted`."
        ),
    ] = None,
    ids: Annotated[
        str | None, Query(max_length=8_000, description=f"Only these ids, separated by commas; at most {MAX_IDS}.")
    ] = None,
    count: Annotated[Literal["exact"] | None, Query(description="`exact` also counts all that match.")] = None,
) -> PageQuery:
    if cursor is not None and sync_token is not None:
        raise Invalid(errors=[FieldError("query/cursor", "Send either cursor or sync_token.")])
    return PageQuery(limit, cursor, sync_token, _parse_ids(ids), count == "exact")


Paging = Annotated[PageQuery, Depends(_page_query)]


@dataclass(frozen=True)
class Sort:
    """One column of an order; nullable columns do not belong in an order."""

    column: InstrumentedAttribute[Any]
    is_descending: bool = False

    def clause(self) -> ColumnElement[Any]:
        return self.column.desc() if self.is_descending else self.column.asc()

    def after(self, value: Any) -> ColumnElement[bool]:
        compared: ColumnElement[bool] = self.column < value if self.is_descending else self.column > value
        return compared


def newest_first(model: Any) -> tuple[Sort, ...]:
    """The usual order: the last made first."""
    return (Sort(model.id, is_descending=True),)


async def list_page(
    work: UnitOfWork,
    query: Select[Any],
    page: PageQuery,
    *,
    model: Any,
    subject_type: str,
    read: Callable[[Any], Item],
    sort: Sequence[Sort] | None = None,
    filters: Mapping[str, Any] | None = None,
    also: Sequence[str] = (),
) -> Page[Item]:
    """One page of `query` (over `model`, filtered already).

    `filters` are the caller's parameters: a cursor or sync token is bound to them, and refused with 400 under others.
    `subject_type` names the events that tell of changes to these rows, `also` those of subjects that share their ids;
    a row that changed and matches no more is listed in `deleted`. Raises BadRequest for a foreign cursor, Gone for a
    sync token that is too old.
    """
    listing = _Listing(work, model, tuple(sort or newest_first(model)), _binding(work, subject_type, sort, filters))
    if page.ids:
        query = query.where(model.id.in_(page.ids))
    if page.sync_token is not None:
        return await listing.changes(query, page, (subject_type, *also), read)
    return await listing.page(query, page, read)


@dataclass(frozen=True)
class _Listing:
    work: UnitOfWork
    model: Any
    sort: tuple[Sort, ...]
    binding: str

    async def page(self, query: Select[Any], page: PageQuery, read: Callable[[Any], Item]) -> Page[Item]:
        sync: list[Any] | None = None
        if page.cursor is not None:
            opened = self._open("cursor", page.cursor)
            query, sync = query.where(self._after(opened["after"])), opened["sync"]
        else:
            sync = await feed_position(self.work.session)
        total = await self._count(query) if page.is_counted and page.cursor is None else None
        rows = list(
            (
                await self.work.session.scalars(
                    query.order_by(*(each.clause() for each in self.sort)).limit(page.limit + 1)
                )
            )
            .unique()
            .all()
        )
        has_more = len(rows) > page.limit
        rows = rows[: page.limit]
        cursor = self._seal("cursor", {"after": self._values(rows[-1]), "sync": sync}) if has_more else None
        return Page(
            items=[read(row) for row in rows],
            next_cursor=cursor,
            sync_token=self._seal("sync_token", {"sync": sync}),
            count=total,
        )

    async def changes(
        self, query: Select[Any], page: PageQuery, subject_types: Sequence[str], read: Callable[[Any], Item]
    ) -> Page[Item]:
        since = self._open("sync_token", str(page.sync_token))["sync"]
        await self.work.context.feed.head()  # what was committed until now is then numbered, and told below
        changes = await changed_since(self.work.session, since, subject_types=subject_types, limit=page.limit)
        rows = (await self.work.session.scalars(query.where(self.model.id.in_(changes.subject_ids)))).unique().all()
        found = {row.id for row in rows}
        return Page(
            items=[read(row) for row in rows],
            deleted=[Tombstone(id=each) for each in changes.subject_ids if each not in found],
            next_cursor=None,
            sync_token=self._seal("sync_token", {"sync": changes.position}),
        )

    async def _count(self, query: Select[Any]) -> int:
        return await self.work.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0

    def _after(self, values: Sequence[Any]) -> ColumnElement[bool]:
        typed = [_typed(each.column, value) for each, value in zip(self.sort, values, strict=True)]
        steps = []
        for index, (each, value) in enumerate(zip(self.sort, typed, strict=True)):
            same = [before.column == known for before, known in zip(self.sort[:index], typed, strict=False)]
            steps.append(and_(*same, each.after(value)))
        return or_(*steps)

    def _values(self, row: Any) -> list[Any]:
        return [_plain(getattr(row, each.column.key)) for each in self.sort]

    def _seal(self, purpose: str, value: dict[str, Any]) -> str:
        return self.work.context.cursors.seal(purpose, [self.binding, value])

    def _open(self, purpose: str, token: str) -> Any:
        return self.work.context.cursors.open_bound(purpose, token, binding=self.binding)


def _binding(
    work: UnitOfWork, subject_type: str, sort: Sequence[Sort] | None, filters: Mapping[str, Any] | None
) -> str:
    order = [(each.column.key, each.is_descending) for each in sort or ()]
    bound = {key: str(value) for key, value in (filters or {}).items()}
    return binding_of(work.principal.workspace, subject_type, order, bound)


def _parse_ids(text: str | None) -> tuple[UUID, ...]:
    if text is None:
        return ()
    parts = text.split(",")
    if len(parts) > MAX_IDS:
        raise Invalid(errors=[FieldError("query/ids", f"At most {MAX_IDS} ids.")])
    try:
        return tuple(UUID(part.strip()) for part in parts)
    except ValueError:
        raise Invalid(errors=[FieldError("query/ids", "Ids are UUIDs, separated by commas.")]) from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _typed(column: InstrumentedAttribute[Any], value: Any) -> Any:
    kind = column.type.python_type
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    return UUID(value) if kind is UUID else value
