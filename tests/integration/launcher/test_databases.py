"""Databases on a server that is not ours."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.launcher.bootstrap import ServiceDatabase, create_database
from tests.integration.launcher.launched import fullcircle
from tests.postgres import DatabaseAddress, PostgresForTests, running_postgres


@pytest.fixture
async def address(postgres: PostgresForTests) -> AsyncIterator[DatabaseAddress]:
    made = await postgres.database("requirements", name="given_requirements")
    await postgres.drop(made)
    yield made
    await postgres.drop(made)


async def test_a_database_that_keeps_bytes_is_refused_before_anything_is_written(
    postgres: PostgresForTests, address: DatabaseAddress, tmp_path: Path
) -> None:
    """A server made without a locale keeps SQL_ASCII: psycopg answers bytes there, and no job finds its task."""
    roles = ServiceDatabase.of("requirements")
    superuser = await asyncpg.connect(postgres.server.url())
    try:
        await superuser.execute(
            f"CREATE DATABASE {address.name} OWNER {roles.owner} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
        )
    finally:
        await superuser.close()
    given = {
        "FULLCIRCLE_REQUIREMENTS_DATABASE_URL": address.app_url,
        "FULLCIRCLE_REQUIREMENTS_MIGRATION_URL": address.owner_url,
    }
    refused = fullcircle("migrate", "requirements", home=tmp_path, given=given)
    assert refused.returncode == 1
    assert refused.stderr == (
        "The database of requirements keeps texts as SQL_ASCII. Make it again with ENCODING 'UTF8'.\n"
    )
    examined = fullcircle("doctor", home=tmp_path, given=given)
    assert "WRONG database of requirements: texts are SQL_ASCII" in examined.stdout
    assert "WRONG database of requirements: migrated" in examined.stdout


async def test_what_we_make_keeps_texts_as_utf8_where_the_servers_own_databases_do_not() -> None:
    async with running_postgres() as bytewise:
        made = await bytewise.database("requirements")
        await bytewise.drop(made)
        roles = ServiceDatabase.of("requirements")
        superuser = await asyncpg.connect(bytewise.server.url())
        try:
            await superuser.execute("ALTER DATABASE template1 IS_TEMPLATE false")
            await superuser.execute("DROP DATABASE template1")
            await superuser.execute("CREATE DATABASE template1 TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
            await create_database(superuser, made.name, owner=roles.owner, app=roles.app)
            encoding = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1"
            assert await superuser.fetchval(encoding, made.name) == "UTF8"
        finally:
            await superuser.close()
