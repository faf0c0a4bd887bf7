"""Keeps each person's estimates beside the others'."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.estimates.repository import PersonalEstimateRepository
from services.requirements.estimates.schemas import PersonalEstimateCreate, PersonalEstimateUpdate
from services.requirements.models import PersonalEstimate


class PersonalEstimateService:
    """What callers do with people's estimates."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def estimates(self) -> PersonalEstimateRepository:
        return PersonalEstimateRepository(self.work.session)

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    async def create(self, requirement_id: UUID, new: PersonalEstimateCreate) -> PersonalEstimate:
        """Raises NotFound, AlreadyExists."""
        await self.requirements.get(requirement_id, lock=True)
        estimator = new.estimator or self.work.principal.id
        if await self.estimates.by(requirement_id, estimator) is not None:
            raise AlreadyExists(f"{estimator} has estimated this requirement already: change that estimate.")
        estimate = await self.estimates.add(
            PersonalEstimate(
                requirement_id=requirement_id,
                estimator=estimator,
                estimates=new.estimates.kept(),
                reason=new.reason,
            )
        )
        await self._tell("personal_estimate.created", estimate)
        return estimate

    async def update(
        self, requirement_id: UUID, estimate_id: UUID, change: PersonalEstimateUpdate, *, if_match: Precondition
    ) -> PersonalEstimate:
        """Raises NotFound, Invalid."""
        estimate = await self.estimates.get_of(requirement_id, estimate_id, lock=True)
        if_match.check(estimate)
        if "estimates" in change.changes():
            estimate.estimates = change.estimates.merged_into(estimate.estimates)
        if "reason" in change.changes():
            estimate.reason = change.reason
        await self._tell("personal_estimate.updated", estimate)
        return estimate

    async def remove(self, requirement_id: UUID, estimate_id: UUID, *, if_match: Precondition) -> None:
        estimate = await self.estimates.get_of(requirement_id, estimate_id, lock=True)
        if_match.check(estimate)
        await self.estimates.remove(estimate)
        await self._tell("personal_estimate.deleted", estimate, version=estimate.version + 1)

    async def _tell(self, kind: str, estimate: PersonalEstimate, *, version: int | None = None) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="personal_estimate",
            subject_id=estimate.id,
            version=version or estimate.version,
            data=estimate_facts(estimate),
        )


def estimate_facts(estimate: PersonalEstimate) -> dict[str, Any]:
    """What the feed tells of a person's estimates: which requirement they are of."""
    return {"requirement_id": estimate.requirement_id}
