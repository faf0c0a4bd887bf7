"""HTTP for custom fields."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.fields.schemas import CustomFieldCreate, CustomFieldRead, CustomFieldUpdate, Subject
from services.requirements.fields.service import CustomFieldService
from services.requirements.models import CustomField

PLAN_TIER = {
    "name": "plan_tier",
    "kind": "choice",
    "choices": ["free", "team", "enterprise"],
    "description": "The plan that they were on when they said it.",
}

router = Router(prefix="/v1/custom-fields", tags=["Custom fields"])
Fields = Annotated[CustomFieldService, Depends(CustomFieldService)]


@router.post(scope="requirements:write", example=PLAN_TIER)
async def create_custom_field(new: CustomFieldCreate, fields: Fields) -> Created[CustomFieldRead]:
    """Declare a field of your own.

    From then on feedback may carry a value of this kind in `custom_fields`, and one of another kind is refused.
    """
    return created(CustomFieldRead.model_validate(await fields.create(new)))


@router.get(scope="feedback:read")
async def list_custom_fields(
    fields: Fields,
    page: Paging,
    applies_to: Annotated[Subject | None, Query(description="Only fields of this.")] = None,
) -> Page[CustomFieldRead]:
    """List the fields that your workspace has declared, newest first."""
    return await list_page(
        fields.work,
        fields.fields.matching(applies_to=applies_to),
        page,
        model=CustomField,
        subject_type="custom_field",
        read=CustomFieldRead.model_validate,
        filters={"applies_to": applies_to},
    )


@router.get("/{custom_field_id}", scope="feedback:read")
async def get_custom_field(custom_field_id: UUID, fields: Fields) -> CustomFieldRead:
    """Read the declaration of a field."""
    return CustomFieldRead.model_validate(await fields.fields.get(custom_field_id))


@router.patch("/{custom_field_id}", scope="requirements:write", example={"description": "Their plan at the time."})
async def update_custom_field(
    custom_field_id: UUID, change: CustomFieldUpdate, fields: Fields, if_match: IfMatch
) -> CustomFieldRead:
    """Change what a field means, or its choices.

    Values that were given before stay, also where their choice is taken away.
    """
    return CustomFieldRead.model_validate(await fields.update(custom_field_id, change, if_match=if_match))


@router.delete("/{custom_field_id}", scope="requirements:write")
async def delete_custom_field(custom_field_id: UUID, fields: Fields, if_match: IfMatch) -> None:
    """Remove a field.

    Refused with 409 while anything has a value in it.
    """
    await fields.delete(custom_field_id, if_match=if_match)
