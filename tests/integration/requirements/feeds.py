"""Events of neighbours, applied as a consumer applies them, without the neighbour."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from fastapi import FastAPI

from services.chassis.feed_handlers import Handlers
from services.chassis.feed_sources import RawEvent
from services.chassis.identity import system_principal
from services.chassis.unit_of_work import UnitOfWork


def news(
    kind: str, workspace_id: UUID, *, subject_type: str, subject_id: UUID, version: int, data: Mapping[str, Any]
) -> RawEvent:
    """An event as it comes from a feed."""
    return RawEvent(
        id=uuid4(),
        source="/tests",
        type=kind,
        subject=subject_id,
        time=datetime(2026, 1, 31, tzinfo=UTC),
        workspace_id=workspace_id,
        subject_type=subject_type,
        subject_version=version,
        actor_id="system:tests",
        actor_kind="system",
        position=1,
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


async def deliver(app: FastAPI, handlers: Handlers, events: Iterable[RawEvent]) -> None:
    """Prepares each run outside of the transaction and applies it inside, as `Consumer` does."""
    context = app.state.context
    for run in handlers.runs(events):
        typed = run.typed()
        prepared = await run.handler.prepare(typed)
        async with context.database.transaction(workspace_id=run.workspace_id) as session:
            principal = system_principal(context.name, workspace_id=run.workspace_id)
            await run.handler.apply(UnitOfWork(context, principal, session=session), typed, prepared)
