"""The only SQL about commitments."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select

from services.chassis.repository import Repository
from services.roadmap.domain.commitments import OPEN, CommitmentStatus
from services.roadmap.models import Commitment


class CommitmentRepository(Repository[Commitment]):
    """Commitments."""

    model: ClassVar[Any] = Commitment

    def matching(
        self,
        *,
        status: CommitmentStatus | None = None,
        team_id: UUID | None = None,
        for_team_id: UUID | None = None,
        feature_id: UUID | None = None,
        release_id: UUID | None = None,
        overdue_on: date | None = None,
    ) -> Select[Commitment]:
        """Commitments that fit every given filter; `overdue_on`: open ones that were due before that day."""
        query = self.rows()
        wanted = {"team_id": team_id, "for_team_id": for_team_id, "feature_id": feature_id, "release_id": release_id}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(getattr(Commitment, name) == value)
        if status is not None:
            query = query.where(Commitment.status == status)
        if overdue_on is not None:
            query = query.where(Commitment.status.in_(OPEN), Commitment.due_on < overdue_on)
        return query

    async def troubling(self, release_id: UUID) -> Sequence[Commitment]:
        """Those to this release that were declined or are at risk, first due first."""
        query = self.matching(release_id=release_id).where(Commitment.status.in_(("declined", "at_risk")))
        return await self.all(query.order_by(Commitment.due_on, Commitment.id))

    async def standing(self, *, feature_ids: Collection[UUID], release_id: UUID | None) -> Sequence[Commitment]:
        """Those for these features or this release that were not withdrawn."""
        about: ColumnElement[bool] = Commitment.feature_id.in_(feature_ids)
        if release_id is not None:
            about |= Commitment.release_id == release_id
        return await self.all(self.rows().where(about, Commitment.status != "withdrawn").order_by(Commitment.id))
