import os
import shutil
import signal

import asyncpg
import pytest

from services.launcher.bootstrap import EXTENSIONS
from services.launcher.postgres import EmbeddedPostgres, PostgresInUse, PostgresUnavailable
from services.launcher.process import start
from tests.postgres import PostgresForTests, running_postgres
from tests.shared import reachable_directory


async def test_a_database_has_its_extensions_and_its_two_roles(postgres: PostgresForTests) -> None:
    database = await postgres.database("roadmap")
    connection = await asyncpg.connect(database.app_url)
    try:
        rows = await connection.fetch("SELECT extname FROM pg_extension")
        assert {row["extname"] for row in rows} >= set(EXTENSIONS)
        role = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert tuple(role) == (False, False, False)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine ()")
        await connection.execute("CREATE TEMPORARY TABLE staging ()")
    finally:
        await connection.close()
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("CREATE TABLE theirs ()")
    await owner.close()


async def test_a_template_is_copied_whole(postgres: PostgresForTests) -> None:
    original = await postgres.database("metrics")
    owner = await asyncpg.connect(original.owner_url)
    await owner.execute("CREATE TABLE remembered AS SELECT 42 AS answer")
    await owner.close()
    copy = await postgres.database("metrics", template=original.name)
    owner = await asyncpg.connect(copy.owner_url)
    assert await owner.fetchval("SELECT answer FROM remembered") == 42
    await owner.close()
    await postgres.drop(copy)


async def test_the_role_of_one_service_cannot_enter_the_database_of_another(postgres: PostgresForTests) -> None:
    mine = await postgres.database("requirements")
    theirs = await postgres.database("gateway")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(mine.app_url.replace(mine.name, theirs.name))


async def test_a_wrong_password_is_refused(postgres: PostgresForTests) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.server.url(password="guess"))


async def test_a_second_launcher_is_told_that_the_server_is_in_use(postgres: PostgresForTests) -> None:
    with pytest.raises(PostgresInUse):
        EmbeddedPostgres(postgres.server.directory, port=1).prepare()


@pytest.mark.parametrize("lock_file", [None, "", "1\n", "not a process id"])
async def test_after_a_crash_what_was_committed_is_there_whatever_the_lock_file_says(lock_file: str | None) -> None:
    async with running_postgres(is_durable=True) as running:
        await remember(running.server)
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        if lock_file is not None:
            (running.server.data / "postmaster.pid").write_text(lock_file)
        running.server.release()
        await running.start()
        assert await recall(running.server) == 42


async def test_the_next_start_takes_over_from_a_launcher_that_was_killed() -> None:
    async with running_postgres(is_durable=True) as running:
        await remember(running.server)
        orphan = running.process
        running.server.release()
        await running.start()
        assert orphan.poll() is not None
        assert await recall(running.server) == 42


async def test_a_server_that_cannot_start_says_why(postgres: PostgresForTests) -> None:
    directory = reachable_directory()
    server = EmbeddedPostgres(directory / "postgres", port=postgres.server.port)
    try:
        server.prepare()
        with pytest.raises(PostgresUnavailable, match="Address already in use"):
            await server.wait_until_ready(start(server.command()))
    finally:
        server.release()
        shutil.rmtree(directory)


async def remember(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    await connection.close()


async def recall(server: EmbeddedPostgres) -> int:
    connection = await asyncpg.connect(server.url())
    answer: int = await connection.fetchval("SELECT answer FROM kept")
    await connection.close()
    return answer
