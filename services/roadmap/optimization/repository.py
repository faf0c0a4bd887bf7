"""The only SQL about optimisations, their proposals and adoptions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from services.chassis.repository import Repository
from services.chassis.tables import operation
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Adoption, Feature, Incumbent, Optimization, Proposal


class OptimizationRepository(Repository[Optimization]):
    """Questions."""

    model: ClassVar[Any] = Optimization

    async def states(self, optimizations: Collection[Optimization]) -> dict[UUID, str]:
        """The states of their operations, as far as those are still kept."""
        query = select(operation.c.id, operation.c.state).where(
            operation.c.workspace_id == self.workspace_id,
            operation.c.id.in_([each.operation_id for each in optimizations]),
        )
        states = {row.id: row.state for row in await self.session.execute(query)}
        return {each.id: states[each.operation_id] for each in optimizations if each.operation_id in states}


class ProposalRepository(Repository[Proposal]):
    """Answers; the id is the question's."""

    model: ClassVar[Any] = Proposal


class AdoptionRepository(Repository[Adoption]):
    """Who adopted what, and why."""

    model: ClassVar[Any] = Adoption

    async def of(self, optimization_ids: Collection[UUID]) -> Sequence[Adoption]:
        """First adopted first."""
        wanted = self.rows().where(Adoption.optimization_id.in_(optimization_ids)).order_by(Adoption.id)
        return await self.all(wanted)


class IncumbentRepository(Repository[Incumbent]):
    """The better and better schedules of a running search."""

    model: ClassVar[Any] = Incumbent

    async def of(self, optimization_id: UUID) -> Sequence[Incumbent]:
        """First found first."""
        wanted = self.rows().where(Incumbent.optimization_id == optimization_id)
        return await self.all(wanted.order_by(Incumbent.number))


class CandidateRepository(FeatureRepository):
    """Features to choose from."""

    async def considered(
        self, feature_ids: Collection[UUID] | None, *, coupled: Collection[Collection[UUID]] = ()
    ) -> dict[UUID, Feature]:
        """The given features, or all that are open; and, step by step, all that they need or are coupled with."""
        query = self.rows()
        query = (
            query.where(Feature.status.in_(PLANNABLE))
            if feature_ids is None
            else query.where(Feature.id.in_(feature_ids))
        )
        found = {feature.id: feature for feature in await self.all(query)}
        while missing := _wanted_by(found, coupled) - found.keys():
            found |= await self.by_ids(missing)
        return found


def _wanted_by(found: Mapping[UUID, Feature], coupled: Collection[Collection[UUID]]) -> set[UUID]:
    needed = {each for feature in found.values() for each in feature.depends_on}
    return needed.union(*(group for group in coupled if not found.keys().isdisjoint(group)))
