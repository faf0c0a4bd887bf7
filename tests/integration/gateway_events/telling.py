"""A service as its feed's readers see it: the chassis' own application on a migrated database, and events on demand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from services.chassis.app import build_app, build_context
from services.chassis.context import ServiceContext
from services.chassis.events import EventLog
from services.chassis.settings import ServiceSettings
from tests.integration.gateway.edge import served
from tests.postgres import DatabaseAddress

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
ACTOR = {"id": "key:test", "kind": "key"}


@dataclass
class TellingService:
    """A running service that tells what it is told to tell."""

    context: ServiceContext
    url: str

    async def tell(
        self,
        workspace_id: UUID,
        event_type: str,
        *,
        subject_id: UUID | None = None,
        version: int = 1,
        data: Mapping[str, Any] | None = None,
    ) -> UUID:
        """One event; answers what it is about."""
        subjects = await self.tell_many(workspace_id, event_type, 1, subject_id=subject_id, version=version, data=data)
        return subjects[0]

    async def tell_many(
        self, workspace_id: UUID, event_type: str, count: int, *, subject_id: UUID | None = None, **more: Any
    ) -> list[UUID]:
        """Several events in one transaction."""
        subjects = [subject_id or uuid4() for _ in range(count)]
        subject_type = event_type.partition(".")[0]
        async with self.context.database.transaction(workspace_id=workspace_id) as session:
            log = EventLog(
                session, actor=ACTOR, clock=self.context.clock, ids=self.context.ids, signal=self.context.signal
            )
            version, data = more.get("version", 1), more.get("data")
            await log.append_all(
                [
                    log.new(event_type, subject_type=subject_type, subject_id=subject, version=version, data=data)
                    for subject in subjects
                ]
            )
        return subjects


@asynccontextmanager
async def telling_service(name: str, database: DatabaseAddress) -> AsyncIterator[TellingService]:
    settings = ServiceSettings(
        database_url=database.app_url,
        migration_url=database.owner_url,
        direct_url=database.app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
    )
    context = build_context(name, settings)
    app = build_app(context, title=name, description=name, routers=[])
    async with app.router.lifespan_context(app), served(app) as stage:
        yield TellingService(context, f"http://127.0.0.1:{stage.port}")
