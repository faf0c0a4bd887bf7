"""The only SQL about custom fields."""

from typing import Any, ClassVar

from sqlalchemy import Select, select

from services.chassis.repository import Repository
from services.requirements.domain.custom_fields import Declared, FieldKind
from services.requirements.models import CustomField, Feedback, Requirement

CARRIERS = {"feedback": Feedback, "requirement": Requirement}


class CustomFieldRepository(Repository[CustomField]):
    """Fields that the workspace has declared."""

    model: ClassVar[Any] = CustomField

    def matching(self, *, applies_to: str | None) -> Select[CustomField]:
        query = self.rows()
        return query if applies_to is None else query.where(CustomField.applies_to == applies_to)

    async def named(self, name: str, *, applies_to: str) -> CustomField | None:
        query = self.rows().where(CustomField.applies_to == applies_to, CustomField.name == name)
        return (await self.session.scalars(query)).one_or_none()

    async def declared(self, *, applies_to: str) -> dict[str, Declared]:
        """What values the fields of one kind of thing take, by name."""
        rows = await self.all(self.matching(applies_to=applies_to))
        return {row.name: Declared(FieldKind(row.kind), row.choices) for row in rows}

    async def is_used(self, field: CustomField) -> bool:
        """Whether anything has a value in it."""
        model: Any = CARRIERS[field.applies_to]
        used = select(model.id).where(model.workspace_id == self.workspace_id, model.custom_fields.has_key(field.name))
        return await self.session.scalar(used.limit(1)) is not None
