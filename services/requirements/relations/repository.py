"""The only SQL about relations."""

from collections import defaultdict
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.domain.relations import DIRECTED, Bonds, RelationKind
from services.requirements.models import RequirementRelation


class RelationRepository(Repository[RequirementRelation]):
    """Relations in one workspace."""

    model: ClassVar[Any] = RequirementRelation

    def of(self, requirement_id: UUID) -> Select[RequirementRelation]:
        """Those that it is an end of."""
        relation = RequirementRelation
        return self.rows().where(or_(relation.requirement_id == requirement_id, relation.other_id == requirement_id))

    async def get_of(self, requirement_id: UUID, relation_id: UUID, *, lock: bool = False) -> RequirementRelation:
        """The relation, when the requirement is an end of it; raises NotFound."""
        relation = await self.get(relation_id, lock=lock)
        if requirement_id not in {relation.requirement_id, relation.other_id}:
            raise NotFound(f"There is no relation {relation_id}.")
        return relation

    async def hold(self) -> None:
        """Until the transaction ends nobody else ties a bond here: two at once could close a circle."""
        key = func.hashtextextended(f"requirement_relation:{self.workspace_id}", 0)
        await self.session.execute(select(func.pg_advisory_xact_lock(key)))

    async def bonds(self, kind: RelationKind, one: UUID, other: UUID) -> Bonds:
        """What a new relation has to be measured by."""
        relation = RequirementRelation
        here = and_(relation.requirement_id == one, relation.other_id == other)
        there = and_(relation.requirement_id == other, relation.other_id == one)
        between = await self.all(self.rows().where(or_(here, there)))
        return Bonds(
            frozenset(RelationKind(each.kind) for each in between),
            await self._follows(kind) if kind in DIRECTED else {},
        )

    async def _follows(self, kind: RelationKind) -> dict[object, frozenset[object]]:
        query = select(RequirementRelation.requirement_id, RequirementRelation.other_id).where(
            RequirementRelation.workspace_id == self.workspace_id, RequirementRelation.kind == kind
        )
        follows: defaultdict[object, set[object]] = defaultdict(set)
        for begins, ends in await self.session.execute(query):
            follows[begins].add(ends)
        return {begins: frozenset(ends) for begins, ends in follows.items()}
