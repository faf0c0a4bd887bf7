"""What callers send and see of relations."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Remark, Resource
from services.requirements.domain.relations import RelationKind


class RequirementRelationCreate(Body):
    """A bond from one requirement to another."""

    kind: RelationKind = Field(
        description="`requires`: it cannot be built without the other; `excludes`: not both; `couples`: both or "
        "neither; `duplicates`: it says what the other says."
    )
    other_requirement_id: UUID
    reason: Remark | None = None


class RequirementRelationRead(Resource):
    """`requirement_id` requires, excludes, couples or duplicates `other_requirement_id`."""

    requirement_id: UUID
    kind: RelationKind
    other_requirement_id: UUID = Field(validation_alias="other_id")
    reason: str | None
