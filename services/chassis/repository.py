"""The base of the only rooms that hold SQL: every query carries the workspace."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.cascades import tell_of_dependants
from services.chassis.errors import NotFound
from services.chassis.rows import WorkspaceRow

Row = TypeVar("Row", bound=WorkspaceRow)


class Repository(Generic[Row]):
    """Reads and writes the rows of one model within the session's workspace."""

    model: ClassVar[Any]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @property
    def workspace_id(self) -> UUID:
        workspace_id: UUID = self.session.info["workspace_id"]
        return workspace_id

    def rows(self) -> Select[Row]:
        """A query over this workspace's rows."""
        return select(self.model).where(self.model.workspace_id == self.workspace_id)

    async def all(self, query: Select[Row]) -> Sequence[Row]:
        return (await self.session.scalars(query)).all()

    async def find(self, row_id: UUID, *, lock: bool = False) -> Row | None:
        """The row, or None; with `lock`, held until the transaction ends."""
        query = self.rows().where(self.model.id == row_id)
        if lock:
            query = query.with_for_update(of=self.model).execution_options(populate_existing=True)
        return (await self.session.scalars(query)).one_or_none()

    async def get(self, row_id: UUID, *, lock: bool = False) -> Row:
        """The row; raises NotFound."""
        row = await self.find(row_id, lock=lock)
        if row is None:
            raise NotFound(f"There is no {self.model.__tablename__.replace('_', ' ')} {row_id}.")
        return row

    async def by_ids(self, ids: Iterable[UUID]) -> dict[UUID, Row]:
        """The rows that exist among these ids."""
        wanted = list(ids)
        if not wanted:
            return {}
        found = await self.all(self.rows().where(self.model.id.in_(wanted)))
        return {row.id: row for row in found}

    async def add(self, row: Row) -> Row:
        """Writes a new row at once, so that its ids, times and constraints are settled."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def remove(self, row: Row) -> None:
        """With all that hangs on it; of each dependant that events tell of, an event tells that it is gone."""
        await tell_of_dependants(self.session, row)
        await self.session.delete(row)
        await self.session.flush()
