"""What follows intake, from the service's own feed: each text gets labels, a meaning, and a theme where one is near."""

from collections.abc import Sequence
from typing import Any

from services.chassis.database import Database
from services.chassis.events import Event
from services.chassis.feed_handlers import Handler
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.themes.embeddings import EmbeddingRepository
from services.requirements.themes.meaning import Embedder, Understood
from services.requirements.themes.service import ThemeService
from services.requirements.understanding.service import keep_labels


class EmbedFeedback(Handler[dict[str, Any], list[Understood]]):
    """Reads the texts and runs the model before the transaction, stores the meanings in it."""

    types = ("feedback.recorded", "feedback.updated")

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def prepare(self, events: Sequence[Event[dict[str, Any]]]) -> list[Understood]:
        async with self._database.session(workspace_id=events[0].workspace_id, read_only=True) as session:
            readable = await EmbeddingRepository(session).texts({event.subject for event in events})
        return await self._embedder.understand(readable)

    async def apply(
        self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: list[Understood] | None
    ) -> None:
        del events
        read = prepared or []
        await keep_labels(
            work, [(each.meaning.feedback_id, each.meaning.version, each.words, each.labels) for each in read]
        )
        changed = await EmbeddingRepository(work.session).store([each.meaning for each in read])
        if changed:  # what a rebuild has embedded meanwhile has its place already
            themes = ThemeService(work)
            await themes.take_in(changed)
            await themes.rebuild_where_needed()


class FollowQuarantine(Handler[dict[str, Any], None]):
    """What a person calls spam leaves its theme, what they release joins one."""

    types = ("understanding.quarantined", "understanding.released")

    async def apply(self, work: UnitOfWork, events: Sequence[Event[dict[str, Any]]], prepared: None) -> None:
        del prepared
        await ThemeService(work).take_in(sorted({event.subject for event in events}))
