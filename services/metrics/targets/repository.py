"""The only SQL about targets."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.metrics.models import Target


class TargetRepository(Repository[Target]):
    model: ClassVar[Any] = Target

    def search(self, *, kpi_id: UUID | None) -> Select[Target]:
        return self.rows() if kpi_id is None else self.rows().where(Target.kpi_id == kpi_id)
