"""Declares fields, and keeps their declarations."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, StillReferenced
from services.chassis.unit_of_work import Work
from services.requirements.domain.custom_fields import FieldKind
from services.requirements.fields.repository import CustomFieldRepository
from services.requirements.fields.schemas import CustomFieldCreate, CustomFieldUpdate
from services.requirements.models import CustomField


class CustomFieldService:
    """What callers do with the workspace's own fields."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def fields(self) -> CustomFieldRepository:
        return CustomFieldRepository(self.work.session)

    async def create(self, new: CustomFieldCreate) -> CustomField:
        """Raises AlreadyExists for a name that is taken."""
        if await self.fields.named(new.name, applies_to=new.applies_to) is not None:
            raise AlreadyExists(errors=[FieldError("/name", "There is such a field already.", "taken")])
        field = await self.fields.add(CustomField(**_columns(new.fields())))
        await self._tell("custom_field.created", field, version=field.version)
        return field

    async def update(self, field_id: UUID, change: CustomFieldUpdate, *, if_match: Precondition) -> CustomField:
        """Raises Invalid for choices where the kind has none, or none where it needs them."""
        field = await self.fields.get(field_id, lock=True)
        if_match.check(field)
        changes = change.changes()
        is_choice = field.kind in {FieldKind.CHOICE, FieldKind.CHOICES}
        if "choices" in changes and bool(changes["choices"]) != is_choice:
            raise Invalid(errors=[FieldError("/choices", f"A field of the kind {field.kind} cannot have these.")])
        for name, value in _columns(changes).items():
            setattr(field, name, value)
        await self.work.session.flush()
        await self._tell("custom_field.updated", field, version=field.version)
        return field

    async def delete(self, field_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while there are values in it."""
        field = await self.fields.get(field_id, lock=True)
        if_match.check(field)
        if await self.fields.is_used(field):
            raise StillReferenced("There are values in this field: take them away first.")
        await self.fields.remove(field)
        await self._tell("custom_field.deleted", field, version=field.version + 1)

    async def _tell(self, kind: str, field: CustomField, *, version: int) -> None:
        data = {"applies_to": field.applies_to, "kind": field.kind}
        await self.work.events.append(
            kind, subject_type="custom_field", subject_id=field.id, version=version, data=data
        )


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    """Kinds as they are written, and no description as none."""
    made = {name: str(value) if name == "kind" else value for name, value in fields.items()}
    return made | ({"description": made["description"] or ""} if "description" in made else {})
