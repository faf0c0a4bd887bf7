"""Keeps a service's own tables in order: positions without delay, an end to what is past its time or was given up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from sqlalchemy import text

from services.chassis.context import ServiceContext
from services.chassis.events import FEED_TOPIC
from services.chassis.operations import end_given_up

LOOK_S = 5.0
OPERATION_DAYS = 30

log = structlog.get_logger(__name__)


@asynccontextmanager
async def upkeep(context: ServiceContext) -> AsyncIterator[None]:
    """The background part; one replica does it at a time."""
    task = asyncio.create_task(_keep(context))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep(context: ServiceContext) -> None:
    clock = asyncio.get_running_loop()
    due = dict.fromkeys(CHORES, clock.time())
    is_silent, told = True, None
    with context.wakeup.subscribe(FEED_TOPIC) as heard:
        while True:
            try:
                if await context.wakeup.lead("upkeep"):
                    head = await context.feed.head()  # sync tokens rest on positions, also where nobody reads the feed
                    if is_silent and head != told:
                        context.wakeup.signal(FEED_TOPIC)  # its author died before saying so, and readers only listen
                        told = head
                    for chore, every_s in CHORES.items():
                        if clock.time() >= due[chore]:
                            await chore(context)
                            due[chore] = clock.time() + every_s
            except Exception as fault:  # noqa: BLE001 -- whatever it was, the next round is wanted
                log.warning("upkeep.failed", error=type(fault).__name__)
            is_silent = not await heard.wait(LOOK_S)


async def purge(context: ServiceContext) -> dict[str, int]:
    """Forget what is past its time; answers how many of each."""
    now, settings = context.clock.now(), context.settings
    gone = {"event": await context.feed.purge(keep=timedelta(days=settings.event_days))}
    limits = {
        "idempotency_record": now - timedelta(hours=settings.idempotency_hours),
        "operation": now - timedelta(days=OPERATION_DAYS),
    }
    for table, before in limits.items():
        async with context.database.engine.begin() as connection:
            gone[table] = await connection.scalar(text(f"SELECT purge_{table}(:before)"), {"before": before}) or 0
    log.info("upkeep.purged", rows=gone)
    return gone


CHORES: Mapping[Callable[[ServiceContext], Awaitable[object]], float] = {purge: 3600.0, end_given_up: 60.0}
"""What is done again after so many seconds."""
