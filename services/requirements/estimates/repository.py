"""The only SQL about people's estimates."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.models import PersonalEstimate


class PersonalEstimateRepository(Repository[PersonalEstimate]):
    """People's estimates in one workspace."""

    model: ClassVar[Any] = PersonalEstimate

    def of(self, requirement_id: UUID) -> Select[PersonalEstimate]:
        return self.rows().where(PersonalEstimate.requirement_id == requirement_id)

    async def get_of(self, requirement_id: UUID, estimate_id: UUID, *, lock: bool = False) -> PersonalEstimate:
        """The estimate, when it is one of that requirement; raises NotFound."""
        estimate = await self.get(estimate_id, lock=lock)
        if estimate.requirement_id != requirement_id:
            raise NotFound(f"There is no estimate {estimate_id}.")
        return estimate

    async def by(self, requirement_id: UUID, estimator: str) -> PersonalEstimate | None:
        query = self.of(requirement_id).where(PersonalEstimate.estimator == estimator)
        return (await self.session.scalars(query)).one_or_none()

    async def of_all(self, requirement_ids: Iterable[UUID]) -> dict[UUID, Sequence[PersonalEstimate]]:
        """By requirement, each in the order of the people's names."""
        query = self.rows().where(PersonalEstimate.requirement_id.in_(list(requirement_ids)))
        found: defaultdict[UUID, list[PersonalEstimate]] = defaultdict(list)
        for row in await self.all(query.order_by(PersonalEstimate.estimator)):
            found[row.requirement_id].append(row)
        return dict(found)
