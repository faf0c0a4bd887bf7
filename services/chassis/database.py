"""Engines and sessions: one transaction, one workspace, set before the first statement runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from services.chassis.audit import remember_changes
from services.chassis.clock import Clock, SystemClock
from services.chassis.ids import IdMaker, new_id
from services.chassis.rows import VersionedRow, WorkspaceRow

BeginHook = Callable[[Connection], None]

TRUSTED_S = 5.0
RETURNED_AT = "returned_at"

SET_TRANSACTION = text(
    "SELECT set_config('app.workspace_id', :workspace_id, true), set_config('transaction_read_only', :read_only, true)"
)


class TransactionSession(Session):
    """A session whose transaction carries its workspace, and whose rows are stamped when they are written."""


class Database:
    """One service's database, reached with the application role."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 12,
        statement_timeout_s: int = 30,
        prepared_statements: bool = True,
        application_name: str = "fullcircle",
        clock: Clock | None = None,
        ids: IdMaker = new_id,
    ) -> None:
        cache = {} if prepared_statements else {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        self.clock = clock or SystemClock()
        self.ids = ids
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_use_lifo=True,  # few connections, whose statements are prepared already, rather than all in turn
            hide_parameters=True,
            connect_args={
                "server_settings": {
                    "application_name": application_name,
                    "statement_timeout": f"{statement_timeout_s}s",
                    "timezone": "UTC",
                    "jit": "off",
                },
                **cache,
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _require_alive)
        event.listen(self.engine.sync_engine, "checkin", _note_return)

    def session(
        self, *, workspace_id: UUID | None, read_only: bool = False, on_begin: BeginHook | None = None
    ) -> AsyncSession:
        """A session that begins with its first statement; without a workspace it sees no business row."""
        return AsyncSession(
            self.engine,
            sync_session_class=TransactionSession,
            expire_on_commit=False,
            info={
                "workspace_id": workspace_id,
                "read_only": read_only,
                "on_begin": on_begin,
                "clock": self.clock,
                "ids": self.ids,
            },
        )

    @asynccontextmanager
    async def transaction(self, *, workspace_id: UUID | None) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well, and rolls back when it does not."""
        async with self.session(workspace_id=workspace_id) as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def driver_url(url: str) -> URL:
    """The same address, for SQLAlchemy with asyncpg, whose word for libpq's `sslmode` is another."""
    parts = make_url(url)
    query = {"ssl" if name == "sslmode" else name: value for name, value in parts.query.items()}
    return parts.set(drivername="postgresql+asyncpg", query=query)


def _require_alive(connection: Any, entry: ConnectionPoolEntry, _fairy: PoolProxiedConnection) -> None:
    """Before each use, as `pool_pre_ping`, which spends three round trips also on a connection used a moment ago.

    That one is known to be alive: of a server that went away its socket has told. All others are asked.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
    if monotonic() - entry.info.get(RETURNED_AT, monotonic()) > TRUSTED_S:
        try:
            connection.ping()
        except Exception as fault:
            raise InvalidatePoolError from fault


def _note_return(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.info[RETURNED_AT] = monotonic()


@event.listens_for(TransactionSession, "after_begin")
def _enter_workspace(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    workspace_id = session.info["workspace_id"]
    connection.execute(
        SET_TRANSACTION,
        {
            "workspace_id": str(workspace_id) if workspace_id else "",
            "read_only": "on" if session.info["read_only"] else "off",
        },
    )
    on_begin: BeginHook | None = session.info["on_begin"]
    if on_begin is not None:
        on_begin(connection)


@event.listens_for(TransactionSession, "before_flush")
def _stamp_rows(session: Session, _context: Any, _instances: Any) -> None:
    now = session.info["clock"].now()
    for row in session.new:
        if isinstance(row, WorkspaceRow):
            row.workspace_id = row.workspace_id or session.info["workspace_id"]
            row.id = row.id or session.info["ids"]()
        if isinstance(row, VersionedRow):
            row.created_at = row.created_at or now
            row.updated_at = row.updated_at or now
    for row in session.dirty:
        if isinstance(row, VersionedRow) and session.is_modified(row):
            row.updated_at = now
    remember_changes(session)
