"""Keeps what goes from team to team."""

from datetime import date, datetime
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Invalid
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.handoffs import HandoffStatus, StepRefused, require_step
from services.roadmap.handoffs.repository import HandoffRepository
from services.roadmap.handoffs.schemas import HandoffCreate, HandoffRead, HandoffStep, HandoffUpdate
from services.roadmap.models import Handoff
from services.roadmap.references.service import require_references


class ImpossibleStep(Conflict):
    code, title = "transition_refused", "The hand-off cannot take this step"


class HandoffService:
    """Hand-offs between teams."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def handoffs(self) -> HandoffRepository:
        return HandoffRepository(self.work.session)

    async def create(self, new: HandoffCreate) -> Handoff:
        """Raises UnknownReference for what is not there."""
        fields = new.fields()
        await require_references(self.work, fields)
        handoff = await self.handoffs.add(Handoff(**fields, status="planned"))
        await self._tell("handoff.planned", handoff)
        return handoff

    async def get(self, handoff_id: UUID) -> Handoff:
        return await self.handoffs.get(handoff_id)

    async def search(
        self, page: PageQuery, *, status: HandoffStatus | None, is_overdue: bool, **linked: UUID | None
    ) -> Page[HandoffRead]:
        today: date | None = self.work.clock.now().date() if is_overdue else None
        return await list_page(
            self.work,
            self.handoffs.matching(status=status, overdue_on=today, **linked),
            page,
            model=Handoff,
            subject_type="handoff",
            read=HandoffRead.model_validate,
            filters={"status": status, "is_overdue": is_overdue, **linked},
        )

    async def update(self, handoff_id: UUID, change: HandoffUpdate, *, if_match: Precondition) -> Handoff:
        handoff = await self.handoffs.get(handoff_id, lock=True)
        if_match.check(handoff)
        for name, value in change.changes().items():
            setattr(handoff, name, value)
        await self._tell("handoff.updated", handoff)
        return handoff

    async def step(self, handoff_id: UUID, step: HandoffStep) -> Handoff:
        """Raises ImpossibleStep for a step that its way does not have."""
        handoff = await self.handoffs.get(handoff_id, lock=True)
        before = handoff.status
        try:
            require_step(before, step.to, reason=step.reason)
        except StepRefused as refused:
            raise ImpossibleStep(str(refused)) from None
        at = self._moment(step.at)
        handoff.status, handoff.status_reason = step.to, step.reason
        if step.to in {"handed_over", "received"}:
            handoff.handed_over_at = handoff.handed_over_at if step.to == "received" else at
            handoff.handed_over_at = handoff.handed_over_at or at
        handoff.received_at = at if step.to == "received" else None
        await self._tell(f"handoff.{step.to}", handoff)
        return handoff

    async def delete(self, handoff_id: UUID, *, if_match: Precondition) -> None:
        handoff = await self.handoffs.get(handoff_id, lock=True)
        if_match.check(handoff)
        version = handoff.version
        await self.handoffs.remove(handoff)
        await self.work.events.append(
            "handoff.deleted", subject_type="handoff", subject_id=handoff_id, version=version + 1
        )

    def _moment(self, at: datetime | None) -> datetime:
        now = self.work.clock.now()
        if at is not None and at > now:
            raise Invalid(errors=[FieldError("/at", "A step records what has happened: its date cannot lie ahead.")])
        return at or now

    async def _tell(self, kind: str, handoff: Handoff) -> None:
        await self.work.session.flush()
        names = ("team_id", "to_team_id", "feature_id", "release_id", "due_on", "status")
        data = {name: getattr(handoff, name) for name in names}
        await self.work.events.append(
            kind, subject_type="handoff", subject_id=handoff.id, version=handoff.version, data=data
        )
