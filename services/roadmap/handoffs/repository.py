"""The only SQL about hand-offs."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, or_

from services.chassis.repository import Repository
from services.roadmap.domain.handoffs import OPEN, HandoffStatus
from services.roadmap.models import Handoff


class HandoffRepository(Repository[Handoff]):
    """Hand-offs."""

    model: ClassVar[Any] = Handoff

    def matching(
        self,
        *,
        status: HandoffStatus | None = None,
        team_id: UUID | None = None,
        feature_id: UUID | None = None,
        release_id: UUID | None = None,
        overdue_on: date | None = None,
    ) -> Select[Handoff]:
        """Hand-offs that fit every given filter; `overdue_on`: open ones that were due before that day."""
        query = self.rows()
        if team_id is not None:
            query = query.where(or_(Handoff.team_id == team_id, Handoff.to_team_id == team_id))
        if feature_id is not None:
            query = query.where(Handoff.feature_id == feature_id)
        if release_id is not None:
            query = query.where(Handoff.release_id == release_id)
        if status is not None:
            query = query.where(Handoff.status == status)
        if overdue_on is not None:
            query = query.where(Handoff.status.in_(OPEN), Handoff.due_on < overdue_on)
        return query
