"""The only SQL about check-ins."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.roadmap.domain.commitments import Health
from services.roadmap.models import CheckIn


class CheckInRepository(Repository[CheckIn]):
    """Check-ins; written once."""

    model: ClassVar[Any] = CheckIn

    def matching(self, *, team_id: UUID | None, commitment_id: UUID | None, health: Health | None) -> Select[CheckIn]:
        """Check-ins that fit every given filter."""
        query = self.rows()
        if team_id is not None:
            query = query.where(CheckIn.team_id == team_id)
        if commitment_id is not None:
            query = query.where(CheckIn.commitment_id == commitment_id)
        if health is not None:
            query = query.where(CheckIn.health == health)
        return query
