"""An operation whose worker is killed in its middle is taken up again, and takes effect once."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.identity import Principal
from services.chassis.operations import Operations
from tests.faults.worker_process import KIND
from tests.integration.chassis.toy import Note, create_tables
from tests.postgres import DatabaseAddress, PostgresForTests

ME = Principal("key:test", "key", UUID(int=1))


@pytest_asyncio.fixture
async def address(postgres: PostgresForTests) -> AsyncIterator[DatabaseAddress]:
    made = await postgres.database("requirements")
    await create_tables(made.owner_url, app_role="fullcircle_requirements_app")
    yield made
    await postgres.drop(made)


@asynccontextmanager
async def worker_process(address: DatabaseAddress, act: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.worker_process", address.app_url, act, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_killed_work_is_done_once_by_another_worker(address: DatabaseAddress) -> None:
    database = Database(address.app_url)
    async with database.transaction(workspace_id=ME.workspace) as session:
        started = await operations(session).start(KIND, {})

    async with asyncio.timeout(60):
        async with worker_process(address, "hang") as first:
            assert first.stdout is not None
            assert await first.stdout.readline() == b"in the middle\n"
        async with database.session(workspace_id=ME.workspace) as session:
            left = await operations(session).get(started.id)
        assert (left.state, left.progress) == ("running", 0.5)

        async with worker_process(address, "finish"):
            while left.state != "succeeded":
                await asyncio.sleep(0.05)
                async with database.session(workspace_id=ME.workspace) as session:
                    left = await operations(session).get(started.id)

    async with database.session(workspace_id=ME.workspace) as session:
        assert (await session.scalars(select(Note.title))).all() == [started.id]
    assert left.result == {"made": 1}
    await database.close()


def operations(session: AsyncSession) -> Operations:
    return Operations(session, service="toy", principal=ME, clock=SystemClock())
