"""Work that comes round again and again beside the requests, on one replica at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from services.chassis.context import ServiceContext

Round = Callable[[Any], Awaitable[object]]

log = structlog.get_logger(__name__)


def rounds(
    name: str, turn: Round, *, every_s: float, topic: str | None = None
) -> Callable[[ServiceContext], AbstractAsyncContextManager[None]]:
    """The background part that calls `turn(context)` every so many seconds, and at once when `topic` is said.

    Of several replicas the one that leads under `name` does it; a process in the api role never does. Whatever a turn
    raises is logged, and the next one comes all the same: the database or a neighbour may be away.
    """

    @asynccontextmanager
    async def running(context: ServiceContext) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_go_round(context))] if context.settings.role != "api" else []
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _go_round(context: ServiceContext) -> None:
        with context.wakeup.subscribe(topic or name) as heard:
            while True:
                try:
                    if await context.wakeup.lead(name):
                        await turn(context)
                except Exception as fault:  # noqa: BLE001 -- named above: the next turn looks again
                    log.warning("round_failed", round=name, error=type(fault).__name__, reason=str(fault)[:200])
                await heard.wait(every_s)

    return running


async def workspaces_with(context: ServiceContext, what: str) -> Sequence[UUID]:
    """The workspaces that have some of `what`, by the function of that name which a migration made."""
    await context.feed.head()  # a workspace is known once its first event has its position
    async with context.database.engine.connect() as connection:
        return (await connection.scalars(text(f"SELECT workspaces_with_{what}()"))).all()
