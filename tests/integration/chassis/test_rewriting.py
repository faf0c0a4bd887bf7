"""What was erased is in no page of a table that was written anew, whoever was looking meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio

from services.chassis.privacy import rewriting
from services.chassis.privacy.rewriting import rewrite
from tests.postgres import DatabaseAddress, PostgresForTests


@pytest_asyncio.fixture
async def address(postgres: PostgresForTests) -> AsyncIterator[DatabaseAddress]:
    made = await postgres.database("metrics")
    yield made
    await postgres.drop(made)


@asynccontextmanager
async def a_look_at_an_erased_row(owner: asyncpg.Connection, url: str) -> AsyncIterator[None]:
    """A transaction that began when the only row of the table was there, and could still read it: it has not yet."""
    await owner.execute("CREATE TABLE note (body text); INSERT INTO note VALUES ('ada@example.com')")
    looker = await asyncpg.connect(url)
    try:
        async with looker.transaction(isolation="repeatable_read"):
            assert await looker.fetchval("SELECT pg_current_snapshot()")
            await owner.execute("DELETE FROM note")
            yield
    finally:
        await looker.close()


async def test_a_transaction_that_still_sees_the_row_is_waited_for(address: DatabaseAddress) -> None:
    owner = await asyncpg.connect(address.owner_url)
    try:
        async with a_look_at_an_erased_row(owner, address.owner_url):
            rewriting_it = asyncio.create_task(rewrite(address.owner_url, ["note"]))
            await asyncio.wait({rewriting_it}, timeout=1)
            assert not rewriting_it.done()
        await rewriting_it
        assert await owner.fetchval("SELECT pg_relation_size('note')") == 0
    finally:
        await owner.close()


async def test_one_that_never_ends_is_not_waited_for_in_vain(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "PATIENCE_S", 0.1)
    owner = await asyncpg.connect(address.owner_url)
    try:
        async with a_look_at_an_erased_row(owner, address.owner_url):
            await rewrite(address.owner_url, ["note"])
        assert await owner.fetchval("SELECT pg_relation_size('note')") > 0
        await rewrite(address.owner_url, ["note"])
        assert await owner.fetchval("SELECT pg_relation_size('note')") == 0
    finally:
        await owner.close()
