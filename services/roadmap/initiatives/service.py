"""Keeps initiatives."""

from typing import Any, ClassVar

from services.chassis.errors import FieldError, Invalid
from services.roadmap.initiatives.repository import InitiativeRepository
from services.roadmap.initiatives.schemas import InitiativeRead
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Initiative
from services.roadmap.products.service import require_product


class InitiativeService(Keeper[Initiative, InitiativeRead]):
    """Initiatives."""

    noun: ClassVar[str] = "initiative"
    repository: ClassVar[Any] = InitiativeRepository
    read: ClassVar[Any] = InitiativeRead

    async def check(self, row: Initiative) -> None:
        """Raises Invalid when it ends before it starts, UnknownReference when its product does not exist."""
        if row.starts_on and row.due_on and row.due_on < row.starts_on:
            raise Invalid(errors=[FieldError("/due_on", "It cannot be due before it starts.")])
        await require_product(self.work, row.product_id)
