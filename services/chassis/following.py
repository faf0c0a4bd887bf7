"""Runs a service's consumers beside its requests, and lets an administrator look at what they set aside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.chassis.consumer import Consumer
from services.chassis.context import ServiceContext
from services.chassis.errors import NotFound
from services.chassis.feed_handlers import Handlers
from services.chassis.feed_sources import FeedSource, HttpSource, LocalSource
from services.chassis.identity import INTERNAL_SCOPE
from services.chassis.parked import ParkedEvent, list_parked
from services.chassis.routing import Router


@dataclass(frozen=True, kw_only=True)
class Follow:
    """One feed to follow: a neighbour's, or the service's own by its own name. See `Consumer`."""

    source: str
    handlers: Handlers
    name: str | None = None
    on_gone: Literal["snapshot", "oldest"] = "snapshot"
    page_size: int = 500


class Following:
    """The background part that follows feeds; its router belongs into the same application."""

    def __init__(self, *follows: Follow) -> None:
        self._follows = follows
        self._consumers: dict[str, Consumer] = {}

    @asynccontextmanager
    async def __call__(self, context: ServiceContext) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            tasks: list[asyncio.Task[None]] = []
            for follow in self._follows:
                source = source_for(context, follow.source)
                stack.push_async_callback(source.close)
                consumer = Consumer(
                    context,
                    source,
                    follow.handlers,
                    name=follow.name,
                    on_gone=follow.on_gone,
                    page_size=follow.page_size,
                )
                self._consumers[consumer.name] = consumer
                if context.settings.role != "api":
                    tasks.append(asyncio.create_task(consumer.run(), name=f"consumer:{consumer.name}"))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def consumer(self, name: str) -> Consumer:
        """Raises NotFound."""
        if name not in self._consumers:
            raise NotFound(f"No consumer {name} runs here.")
        return self._consumers[name]

    def router(self) -> Router:
        """`/internal/consumers/{consumer}/parked-events`: list, and replay a subject's."""
        router = Router(prefix="/internal/consumers/{consumer}/parked-events", tags=["internal"])
        declared: dict[str, Any] = {"scope": INTERNAL_SCOPE, "unit_of_work": False, "include_in_schema": False}

        @router.get(**declared)
        async def list_parked_events(
            consumer: str, subject_id: UUID | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
        ) -> list[ParkedEventRead]:
            """The events in line, oldest first."""
            found = self.consumer(consumer)
            async with found.context.database.engine.connect() as connection:
                line = await list_parked(connection, cursor=consumer, subject_id=subject_id, limit=limit)
            return [ParkedEventRead.of(each) for each in line]

        @router.post("/{subject_id}/replay", **declared)
        async def replay_parked_events(consumer: str, subject_id: UUID) -> ReplayRead:
            """Apply a subject's events in line, up to the first that still fails."""
            return ReplayRead(applied=await self.consumer(consumer).replay(subject_id))

        return router


class ParkedEventRead(BaseModel):
    """An event in line, without its data."""

    event_id: UUID
    type: str
    position: int
    workspace_id: UUID
    subject_type: str
    subject_id: UUID
    subject_version: int
    error: str | None
    attempts: int

    @classmethod
    def of(cls, parked: ParkedEvent) -> "ParkedEventRead":
        event = parked.event
        return cls(
            event_id=event.id,
            type=event.type,
            position=event.position,
            workspace_id=event.workspace_id,
            subject_type=event.subject_type,
            subject_id=event.subject,
            subject_version=event.subject_version,
            error=parked.error,
            attempts=parked.attempts,
        )


class ReplayRead(BaseModel):
    """How many events went well; the first that did not is in line still."""

    applied: int


def source_for(context: ServiceContext, name: str) -> FeedSource:
    """The service's own feed without HTTP, a neighbour's at the address of the settings."""
    if name == context.name:
        return LocalSource(context.feed)
    base_url: str = getattr(context.settings, f"{name}_url")
    return HttpSource(name, base_url, signer=context.signer, reader=context.name)
