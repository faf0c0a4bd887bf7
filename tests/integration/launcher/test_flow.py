"""What the doctor says of work that does not flow."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.launcher.addresses import DatabaseUrls
from services.launcher.flow import Flow, flow
from tests.integration.chassis.toy import create_tables
from tests.postgres import DatabaseAddress, PostgresForTests

EVENT = """
    INSERT INTO event (id, workspace_id, type, subject_type, subject_id, subject_version, actor, data, position,
                       occurred_at)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'note.created', 'note', gen_random_uuid(), 1, '{}', '{}', $1,
            now() - make_interval(mins => $2))
"""
PARK = """
    INSERT INTO parked_event (cursor, event_id, workspace_id, subject_type, subject_id, event)
    VALUES ('roadmap', gen_random_uuid(), gen_random_uuid(), 'note', gen_random_uuid(), '{}')
"""
JOB = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)
    VALUES ('default', 'operation.run', $1, now() - make_interval(mins => $2))
"""


@pytest.fixture
async def database(postgres: PostgresForTests) -> AsyncIterator[DatabaseAddress]:
    made = await postgres.database("requirements")
    await create_tables(made.owner_url, app_role="fullcircle_requirements_app")
    yield made
    await postgres.drop(made)


@pytest.fixture
async def owner(database: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("INSERT INTO cursor (name, source, position) VALUES ('roadmap', 'requirements', 4)")
    yield connection
    await connection.close()


async def told(database: DatabaseAddress) -> list[Flow]:
    urls = DatabaseUrls(database.app_url, database.owner_url, database.app_url)
    return [
        each
        async for each in flow({"requirements": urls, "metrics": DatabaseUrls(*["postgresql://127.0.0.1:1/x"] * 3)})
    ]


async def test_what_flows_is_well(database: DatabaseAddress, owner: asyncpg.Connection) -> None:
    await owner.execute(EVENT, 4, 60)
    await owner.execute(EVENT, 5, 1)
    await owner.execute(JOB, "todo", 1)
    assert await told(database) == [
        Flow(True, "requirements reads requirements (roadmap): 1 events behind", _read()),
        Flow(True, "jobs of requirements: none stuck", _jobs()),
    ]


async def test_a_reader_that_stands_still_is_named(database: DatabaseAddress, owner: asyncpg.Connection) -> None:
    await owner.execute(EVENT, 5, 10)
    reader, _ = await told(database)
    assert (reader.is_well, reader.remedy) == (False, _read())


async def test_what_was_set_aside_is_named(database: DatabaseAddress, owner: asyncpg.Connection) -> None:
    await owner.execute(PARK)
    reader, _ = await told(database)
    assert not reader.is_well
    assert reader.what.endswith("0 events behind, 1 set aside")
    assert "/internal/consumers/roadmap/parked-events of requirements" in reader.remedy


@pytest.mark.parametrize("state", ["todo", "doing"])
async def test_a_job_that_nobody_does_is_named(
    database: DatabaseAddress, owner: asyncpg.Connection, state: str
) -> None:
    await owner.execute(JOB, state, 10)
    _, jobs = await told(database)
    assert (jobs.is_well, jobs.what) == (False, f"jobs of requirements: 1 operation.run {state}")


def _read() -> str:
    return "Read logs/requirements.log in the home: what keeps it from reading?"


def _jobs() -> str:
    return "Read logs/requirements.log; start a worker again"
