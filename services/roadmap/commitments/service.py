"""Keeps what teams were asked for, and what they answered."""

from datetime import date
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict
from services.chassis.events import signal_after_commit
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.commitments.repository import CommitmentRepository
from services.roadmap.commitments.schemas import AnswerCreate, CommitmentCreate, CommitmentRead, CommitmentUpdate
from services.roadmap.domain.attention import ATTENTION
from services.roadmap.domain.commitments import OPEN, AnswerRefused, CommitmentStatus, answered
from services.roadmap.models import Commitment
from services.roadmap.references.service import require_references


class ImpossibleAnswer(Conflict):
    code, title = "answer_refused", "The commitment cannot be answered so"


class CommitmentService:
    """From the question to what was kept."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def commitments(self) -> CommitmentRepository:
        return CommitmentRepository(self.work.session)

    async def create(self, new: CommitmentCreate) -> Commitment:
        """Raises UnknownReference for what is not there."""
        fields = new.fields()
        await require_references(self.work, fields)
        commitment = Commitment(**fields, status="asked", asked_by=self.work.principal.id)
        await self.commitments.add(commitment)
        await self._tell("commitment.asked", commitment)
        return commitment

    async def get(self, commitment_id: UUID) -> Commitment:
        return await self.commitments.get(commitment_id)

    async def search(
        self, page: PageQuery, *, status: CommitmentStatus | None, is_overdue: bool, **linked: UUID | None
    ) -> Page[CommitmentRead]:
        today = self._today() if is_overdue else None
        return await list_page(
            self.work,
            self.commitments.matching(status=status, overdue_on=today, **linked),
            page,
            model=Commitment,
            subject_type="commitment",
            read=CommitmentRead.model_validate,
            filters={"status": status, "is_overdue": is_overdue, **linked},
        )

    async def update(self, commitment_id: UUID, change: CommitmentUpdate, *, if_match: Precondition) -> Commitment:
        """What it is about changes under a team's feet: an answer that was given is asked for again."""
        commitment = await self.commitments.get(commitment_id, lock=True)
        if_match.check(commitment)
        changes = change.changes()
        await require_references(self.work, changes)
        is_news = any(getattr(commitment, name) != changes.get(name) for name in {"title", "due_on"} & changes.keys())
        for name, value in changes.items():
            setattr(commitment, name, value)
        if is_news and commitment.status not in {"done", "withdrawn"}:
            commitment.status, commitment.reason, commitment.expected_on = "asked", None, None
        await self._tell("commitment.updated", commitment)
        return commitment

    async def answer(self, commitment_id: UUID, given: AnswerCreate) -> Commitment:
        """Raises ImpossibleAnswer when it cannot follow on what was said, or lacks its reason."""
        commitment = await self.commitments.get(commitment_id, lock=True)
        before = commitment.status
        try:
            commitment.status = answered(before, given.answer, reason=given.reason)
        except AnswerRefused as refused:
            raise ImpossibleAnswer(str(refused)) from None
        now = self.work.clock.now()
        commitment.reason, commitment.expected_on = given.reason, given.expected_on
        commitment.answered_by, commitment.answered_at = self.work.principal.id, now
        commitment.done_at = now if commitment.status == "done" else None
        await self._tell(f"commitment.{commitment.status}", commitment, before=before)
        return commitment

    async def delete(self, commitment_id: UUID, *, if_match: Precondition) -> None:
        commitment = await self.commitments.get(commitment_id, lock=True)
        if_match.check(commitment)
        version = commitment.version
        await self.commitments.remove(commitment)
        await self.work.events.append(
            "commitment.deleted", subject_type="commitment", subject_id=commitment_id, version=version + 1
        )

    async def _tell(self, kind: str, commitment: Commitment, **more: Any) -> None:
        """To the feed; and to whoever wants to know of what is at risk, declined or late already."""
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="commitment",
            subject_id=commitment.id,
            version=commitment.version,
            data=commitment_facts(commitment) | more,
        )
        is_late = commitment.status in OPEN and commitment.due_on < self._today()
        if is_late or commitment.status in {"at_risk", "declined"}:
            signal_after_commit(self.work.session, ATTENTION, self.work.context.signal)

    def _today(self) -> date:
        return self.work.clock.now().date()


def commitment_facts(commitment: Commitment) -> dict[str, Any]:
    """What the feed tells of a commitment."""
    names = ("team_id", "for_team_id", "feature_id", "release_id", "due_on", "expected_on", "status")
    return {name: getattr(commitment, name) for name in names}
