"""Keeps each expert's judgement beside the others'."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.domain.feasibility import Aspect, Feasibility, combined
from services.requirements.domain.scoring import Range
from services.requirements.feasibility.repository import FeasibilityRepository
from services.requirements.feasibility.schemas import FeasibilityJudgementCreate, FeasibilityJudgementUpdate
from services.requirements.models import FeasibilityJudgement


class FeasibilityService:
    """What callers do with judgements."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def judgements(self) -> FeasibilityRepository:
        return FeasibilityRepository(self.work.session)

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    async def create(self, requirement_id: UUID, new: FeasibilityJudgementCreate) -> FeasibilityJudgement:
        """Raises NotFound, AlreadyExists."""
        await self.requirements.get(requirement_id, lock=True)
        expert = new.expert or self.work.principal.id
        if await self.judgements.by(requirement_id, expert=expert, aspect=new.aspect) is not None:
            raise AlreadyExists(f"{expert} has judged the {new.aspect} feasibility already: change that judgement.")
        judgement = await self.judgements.add(
            FeasibilityJudgement(
                requirement_id=requirement_id,
                expert=expert,
                aspect=new.aspect,
                chance=new.chance.model_dump(),
                reason=new.reason,
            )
        )
        await self._tell("feasibility_judgement.created", judgement)
        return judgement

    async def update(
        self, requirement_id: UUID, judgement_id: UUID, change: FeasibilityJudgementUpdate, *, if_match: Precondition
    ) -> FeasibilityJudgement:
        """Raises NotFound."""
        judgement = await self.judgements.get_of(requirement_id, judgement_id, lock=True)
        if_match.check(judgement)
        if "chance" in change.model_fields_set:
            judgement.chance = change.chance.model_dump()
        if "reason" in change.model_fields_set:
            judgement.reason = change.reason
        await self._tell("feasibility_judgement.updated", judgement)
        return judgement

    async def remove(self, requirement_id: UUID, judgement_id: UUID, *, if_match: Precondition) -> None:
        judgement = await self.judgements.get_of(requirement_id, judgement_id, lock=True)
        if_match.check(judgement)
        await self.judgements.remove(judgement)
        await self._tell("feasibility_judgement.deleted", judgement, version=judgement.version + 1)

    async def _tell(self, kind: str, judgement: FeasibilityJudgement, *, version: int | None = None) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="feasibility_judgement",
            subject_id=judgement.id,
            version=version or judgement.version,
            data=judgement_facts(judgement),
        )


def feasibility_of(judgements: Iterable[FeasibilityJudgement]) -> Feasibility | None:
    """What the experts of one requirement believe together."""
    by_aspect: dict[Aspect, list[Range]] = {}
    for each in judgements:
        by_aspect.setdefault(Aspect(each.aspect), []).append(Range(**each.chance))
    return combined(by_aspect)


def judgement_facts(judgement: FeasibilityJudgement) -> dict[str, Any]:
    """What the feed tells of a judgement: of which requirement and aspect it is."""
    return {"requirement_id": judgement.requirement_id, "aspect": judgement.aspect}
