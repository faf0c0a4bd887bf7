"""A gateway that is killed while it logs and delivers: the log stays whole, the ledger exact, every message arrives."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from gateway.identity.administration import administration
from services.launcher.ports import free_port
from tests.integration.gateway_events.conftest import NOBODY
from tests.integration.gateway_events.receiver import Receiver
from tests.integration.gateway_events.telling import SEED, TellingService, telling_service
from tests.integration.gateway_events.waiting import until
from tests.migrated import MigratedDatabases
from tests.plain import plain_client
from tests.postgres import DatabaseAddress

ROOT = Path(__file__).parents[3]
EVENTS = 400
KILL_AFTER = 60


@asynccontextmanager
async def gateway_process(database: DatabaseAddress, roadmap: TellingService, port: int) -> AsyncIterator[None]:
    """A gateway of its own process; the end of the block kills it, as the machine would."""
    secrets = dict.fromkeys(("FULLCIRCLE_KEY_PEPPER", "FULLCIRCLE_CURSOR_KEY", "FULLCIRCLE_SIGNING_KEY"), SEED)
    urls = {
        "FULLCIRCLE_GATEWAY_DATABASE_URL": database.app_url,
        "FULLCIRCLE_GATEWAY_MIGRATION_URL": database.owner_url,
        "FULLCIRCLE_GATEWAY_DIRECT_URL": database.app_url,
        "FULLCIRCLE_REQUIREMENTS_URL": NOBODY,
        "FULLCIRCLE_ROADMAP_URL": roadmap.url,
        "FULLCIRCLE_METRICS_URL": NOBODY,
    }
    command = (sys.executable, "-m", "services.launcher", "serve", "gateway", "--host", "127.0.0.1")
    process = await asyncio.create_subprocess_exec(
        *command, "--port", str(port), cwd=ROOT, env={**os.environ, **secrets, **urls, "FULLCIRCLE_LOG_LEVEL": "error"}
    )
    try:
        await until(lambda: _is_up(port), what="the gateway", deadline_s=60)
        yield
    finally:
        process.kill()
        await process.wait()


async def _is_up(port: int) -> bool:
    try:
        async with plain_client() as client:
            return (await client.get(f"http://127.0.0.1:{port}/livez")).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_kill_loses_nothing_and_enters_nothing_twice(migrated: MigratedDatabases, receiver: Receiver) -> None:
    database, port = await migrated.database("gateway"), free_port()
    async with (
        telling_service("roadmap", await migrated.database("roadmap")) as roadmap,
        administration(database.owner_url, pepper=roadmap.context.settings.secret_bytes("key_pepper")) as keys,
    ):
        workspace_id = await keys.create_workspace("Acme")
        key = await keys.create("Admin", workspace_id=workspace_id)
        async with gateway_process(database, roadmap, port):
            async with plain_client(headers={"Authorization": f"Bearer {key.key}"}) as client:
                body = {"url": receiver.url, "event_types": ["feature.*"]}
                made = await client.post(f"http://127.0.0.1:{port}/v1/webhooks", json=body)
                assert made.status_code == 201, made.text
            telling = asyncio.create_task(_tell(roadmap, workspace_id))
            await receiver.got(KILL_AFTER)
        async with gateway_process(database, roadmap, port):
            await telling
            await until(lambda: len({each.id for each in receiver.messages}) >= EVENTS, deadline_s=120)
            await until(lambda: _all_delivered(database), deadline_s=60)
    assert len({each.id for each in receiver.messages}) == EVENTS
    repeated = [count for count in Counter(each.id for each in receiver.messages).values() if count > 1]
    assert len(repeated) <= 8, "only what was under way when the gateway was killed"
    ledger, positions = await _kept(database)
    assert len(ledger) == len(set(ledger)) == EVENTS
    assert positions == list(range(1, len(positions) + 1))


async def _tell(roadmap: TellingService, workspace_id: UUID) -> None:
    for _ in range(EVENTS // 10):
        await roadmap.tell_many(workspace_id, "feature.created", 10)


async def _all_delivered(database: DatabaseAddress) -> bool:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return not await connection.fetchval("SELECT count(*) FROM webhook_delivery WHERE state <> 'delivered'")
    finally:
        await connection.close()


async def _kept(database: DatabaseAddress) -> tuple[list[str], list[int]]:
    """The events in the ledger, and the positions in the log."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        ledger = await connection.fetch("SELECT event_id FROM webhook_delivery")
        log = await connection.fetch("SELECT position FROM logged_event ORDER BY position")
    finally:
        await connection.close()
    return [str(row["event_id"]) for row in ledger], [row["position"] for row in log]
