"""The only SQL about judgements of feasibility."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.domain.feasibility import Aspect
from services.requirements.models import FeasibilityJudgement


class FeasibilityRepository(Repository[FeasibilityJudgement]):
    """Judgements of one workspace."""

    model: ClassVar[Any] = FeasibilityJudgement

    def of(self, requirement_id: UUID) -> Select[FeasibilityJudgement]:
        return self.rows().where(FeasibilityJudgement.requirement_id == requirement_id)

    async def get_of(self, requirement_id: UUID, judgement_id: UUID, *, lock: bool = False) -> FeasibilityJudgement:
        """The judgement, when it is one of that requirement; raises NotFound."""
        judgement = await self.get(judgement_id, lock=lock)
        if judgement.requirement_id != requirement_id:
            raise NotFound(f"There is no judgement {judgement_id}.")
        return judgement

    async def by(self, requirement_id: UUID, *, expert: str, aspect: Aspect) -> FeasibilityJudgement | None:
        query = self.of(requirement_id).where(
            FeasibilityJudgement.expert == expert, FeasibilityJudgement.aspect == aspect
        )
        return (await self.session.scalars(query)).one_or_none()

    async def of_all(self, requirement_ids: Iterable[UUID]) -> dict[UUID, Sequence[FeasibilityJudgement]]:
        """By requirement, in the order of aspects and experts."""
        query = self.rows().where(FeasibilityJudgement.requirement_id.in_(list(requirement_ids)))
        found: defaultdict[UUID, list[FeasibilityJudgement]] = defaultdict(list)
        for row in await self.all(query.order_by(FeasibilityJudgement.aspect, FeasibilityJudgement.expert)):
            found[row.requirement_id].append(row)
        return dict(found)
