"""The history goes up from nothing, agrees with the models, and comes down again."""

import asyncio

from alembic import command

from tests.integration.roadmap.conftest import alembic
from tests.postgres import PostgresForTests


async def test_up_check_down_and_up_again(postgres: PostgresForTests) -> None:
    address = await postgres.database("roadmap")
    for step, revision in (("upgrade", "head"), ("check", None), ("downgrade", "base"), ("upgrade", "head")):
        run = getattr(command, step)
        await asyncio.to_thread(run, alembic(address), *([revision] if revision else []))
    await postgres.drop(address)
