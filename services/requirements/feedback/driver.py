"""The driver's own connection, for the few statements where SQLAlchemy's way to it would cost more than they do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database
from services.chassis.errors import Problem, Unavailable
from services.chassis.problems import problem_of

# One message for both spares a way to the server and back.
BEGIN = "BEGIN; SELECT set_config('app.workspace_id', '{workspace_id}', true)"

DriverFault = asyncpg.PostgresError

NotNew = asyncpg.UniqueViolationError

OUTAGES = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.PostgresIOError,
)
"""Faults of the server that no row has brought about; classes 08, 53, 57, 58 of PostgreSQL's error codes."""


async def driver_of(connection: AsyncConnection) -> Any:
    """asyncpg's connection under SQLAlchemy's; its transaction has begun, for a statement has run through it."""
    return (await connection.get_raw_connection()).driver_connection


def problem_of_driver(fault: Exception) -> Problem:
    """The problem that a fault of the driver amounts to."""
    if isinstance(fault, (*OUTAGES, asyncpg.TransactionRollbackError)):
        return Unavailable("The database cannot answer just now.")
    return problem_of(fault)


class Line:
    """One connection of the pool, kept between transactions; a new one after each fault of the connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: AsyncConnection | None = None

    @asynccontextmanager
    async def transaction(self, workspace_id: UUID) -> AsyncIterator[Any]:
        """A transaction that sees one workspace; a connection that has died meanwhile is replaced before it begins."""
        connection = await self._connection()
        try:
            await connection.execute(BEGIN.format(workspace_id=workspace_id))
            try:
                yield connection
            except BaseException:
                if not connection.is_closed():
                    await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")
        finally:
            if connection.is_closed():
                await self.close()

    async def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await held.invalidate()
            await held.close()

    async def _connection(self) -> Any:
        if self._held is not None and (await driver_of(self._held)).is_closed():
            await self.close()
        if self._held is None:
            self._held = await self._database.engine.connect()
        return await driver_of(self._held)
