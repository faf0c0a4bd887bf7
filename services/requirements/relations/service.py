"""Ties requirements together, and refuses what cannot be."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.domain.relations import RelationRefused, check_relation
from services.requirements.models import RequirementRelation
from services.requirements.relations.repository import RelationRepository
from services.requirements.relations.schemas import RequirementRelationCreate


class ImpossibleRelation(Conflict):
    code, title = "relation_refused", "The requirements cannot be tied like this"


class RelationService:
    """What callers do with relations."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def relations(self) -> RelationRepository:
        return RelationRepository(self.work.session)

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    async def create(self, requirement_id: UUID, new: RequirementRelationCreate) -> RequirementRelation:
        """Raises NotFound, UnknownReference, ImpossibleRelation."""
        await self.requirements.get(requirement_id)
        if await self.requirements.find(new.other_requirement_id) is None:
            unknown = FieldError(
                "/other_requirement_id", f"There is no requirement {new.other_requirement_id}.", "unknown"
            )
            raise UnknownReference(errors=[unknown])
        await self.relations.hold()
        bonds = await self.relations.bonds(new.kind, requirement_id, new.other_requirement_id)
        try:
            check_relation(new.kind, requirement_id, new.other_requirement_id, bonds=bonds)
        except RelationRefused as refused:
            raise ImpossibleRelation(f"{refused}.") from None
        relation = await self.relations.add(
            RequirementRelation(
                requirement_id=requirement_id, kind=new.kind, other_id=new.other_requirement_id, reason=new.reason
            )
        )
        await self._tell("requirement_relation.created", relation, version=relation.version)
        return relation

    async def remove(self, requirement_id: UUID, relation_id: UUID, *, if_match: Precondition) -> None:
        relation = await self.relations.get_of(requirement_id, relation_id, lock=True)
        if_match.check(relation)
        await self.relations.remove(relation)
        await self._tell("requirement_relation.deleted", relation, version=relation.version + 1)

    async def _tell(self, kind: str, relation: RequirementRelation, *, version: int) -> None:
        await self.work.events.append(
            kind,
            subject_type="requirement_relation",
            subject_id=relation.id,
            version=version,
            data=relation_facts(relation),
        )


def relation_facts(relation: RequirementRelation) -> dict[str, Any]:
    """What the feed tells of a relation: its ends and its kind."""
    return {"requirement_id": relation.requirement_id, "kind": relation.kind, "other_id": relation.other_id}
