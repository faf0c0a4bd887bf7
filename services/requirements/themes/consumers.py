"""What follows intake, from the service's own feed: each new text gets its meaning, and a theme where one is near."""

from collections.abc import Sequence
from typing import Any

from services.chassis.database import Database
from services.chassis.events import Event
from services.chassis.feed_handlers import Handler
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.themes.embeddings import EmbeddingRepository
from services.requirements.themes.meaning import Embedder, Meaning
from services.requirements.themes.service import ThemeService


class EmbedFeedback(Handler[dict[str, Any], list[Meaning]]):
    """Reads the texts and runs the model before the transaction, stores the meanings in it."""

    types = ("feedback.recorded", "feedback.updated")

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def prepare(self, events: Sequence[Event[dict[str, Any]]]) -> list[Meaning]:
        async with self._database.session(workspace_id=events[0].workspace_id, read_only=True) as session:
            readable = await EmbeddingRepository(session).texts({event.subject for event in events})
        return await self._embedder.embed(readable)

    async def apply(
        self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: list[Meaning] | None
    ) -> None:
        del events
        changed = await EmbeddingRepository(work.session).store(prepared or [])
        if changed:  # what a rebuild has embedded meanwhile has its place already
            await ThemeService(work).take_in(changed)
