"""HTTP for relations between requirements."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import RequirementRelation
from services.requirements.relations.schemas import RequirementRelationCreate, RequirementRelationRead
from services.requirements.relations.service import RelationService

router = Router(prefix="/v1/requirements/{requirement_id}/relations", tags=["Requirements"])
Relations = Annotated[RelationService, Depends(RelationService)]

NEEDS_IMPORTER = {
    "kind": "requires",
    "other_requirement_id": "01983a7c-2b4e-7a5d-9c44-2f7e8d9b0a27",
    "reason": "It reads what the importer writes.",
}


@router.post(scope="requirements:write", example=NEEDS_IMPORTER)
async def create_requirement_relation(
    requirement_id: UUID, new: RequirementRelationCreate, relations: Relations
) -> Created[RequirementRelationRead]:
    """Tie a requirement to another.

    Circles of `requires` or `duplicates` are refused with 409, and so is what contradicts itself: two that are built
    together cannot exclude one another.
    """
    return created(await relations.create(requirement_id, new))


@router.get(scope="requirements:read")
async def list_requirement_relations(
    requirement_id: UUID, relations: Relations, page: Paging
) -> Page[RequirementRelationRead]:
    """List the relations that a requirement is an end of, newest first."""
    await relations.requirements.get(requirement_id)
    return await list_page(
        relations.work,
        relations.relations.of(requirement_id),
        page,
        model=RequirementRelation,
        subject_type="requirement_relation",
        read=RequirementRelationRead.model_validate,
        filters={"requirement_id": requirement_id},
    )


@router.get("/{relation_id}", scope="requirements:read")
async def get_requirement_relation(
    requirement_id: UUID, relation_id: UUID, relations: Relations
) -> RequirementRelationRead:
    """Read a relation."""
    return RequirementRelationRead.model_validate(await relations.relations.get_of(requirement_id, relation_id))


@router.delete("/{relation_id}", scope="requirements:write")
async def delete_requirement_relation(
    requirement_id: UUID, relation_id: UUID, relations: Relations, if_match: IfMatch
) -> None:
    """Untie a requirement from another."""
    await relations.remove(requirement_id, relation_id, if_match=if_match)
