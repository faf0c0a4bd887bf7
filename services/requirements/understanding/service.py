"""Keeps what models say of feedback, and lets people know better."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict
from services.chassis.events import FEED_TOPIC, insert_events, signal_after_commit
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.domain.labels import Labels
from services.requirements.models import Understanding
from services.requirements.understanding.repository import UnderstandingRepository
from services.requirements.understanding.schemas import UnderstandingUpdate


class UnderstandingService:
    """What callers do with labels."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def labels(self) -> UnderstandingRepository:
        return UnderstandingRepository(self.work.session)

    async def correct(self, feedback_id: UUID, change: UnderstandingUpdate, *, if_match: Precondition) -> Understanding:
        """What was said before and by which model stays beside it: the pair is what models are trained on."""
        row = await self.labels.get(feedback_id, lock=True)
        if_match.check(row)
        changes = change.changes()
        kept = {name: value for name, value in row.corrected.items() if name not in changes}
        row.corrected = kept | {name: value for name, value in changes.items() if value is not None}
        is_any = bool(row.corrected)
        row.corrected_by = self.work.principal.id if is_any else None
        row.corrected_at = self.work.clock.now() if is_any else None
        await self._tell("understanding.corrected", row)
        return row

    async def move(self, feedback_id: UUID, *, to: str) -> Understanding:
        """Into quarantine, or out of it. Raises Conflict when it is there already."""
        row = await self.labels.get(feedback_id, lock=True)
        if (row.spam_status == "quarantined") == (to == "quarantined"):
            raise Conflict(f"It is {row.spam_status}.")
        row.spam_status = to
        await self._tell(f"understanding.{to}", row)
        return row

    async def _tell(self, kind: str, row: Understanding) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind, subject_type="understanding", subject_id=row.id, version=row.version, data=_facts(row)
        )


async def keep_labels(work: UnitOfWork, read: Sequence[tuple[UUID, int, str, Labels]]) -> None:
    """Stores what the models say, and tells of it.

    Not in the audit trail: no person did anything, and each piece of feedback would stand there twice.
    """
    changed = await UnderstandingRepository(work.session).store(read, now=work.clock.now())
    if not changed:
        return
    events = [
        work.events.new(
            "understanding.changed",
            subject_type="understanding",
            subject_id=row.id,
            version=row.version,
            data=_facts(row),
        )
        for row in changed
    ]
    await insert_events(await work.session.connection(), events)
    signal_after_commit(work.session, FEED_TOPIC, work.context.signal)


def _facts(row: Any) -> Mapping[str, Any]:
    """Labels are facts about words, not the words."""
    return {name: getattr(row, name) for name in ("language", "kind", "sentiment", "spam_status")}
