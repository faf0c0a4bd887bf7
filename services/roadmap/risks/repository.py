"""The only SQL about risks."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.roadmap.domain.risks import RiskStatus
from services.roadmap.models import Risk


class RiskRepository(Repository[Risk]):
    """Risks."""

    model: ClassVar[Any] = Risk

    def matching(self, *, status: RiskStatus | None, **linked: UUID | None) -> Select[Risk]:
        """Risks that fit every given filter."""
        query = self.rows()
        if status is not None:
            query = query.where(Risk.status == status)
        for name, value in linked.items():
            if value is not None:
                query = query.where(getattr(Risk, name) == value)
        return query
