"""The only SQL about teams."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.models import (
    Allocation,
    CheckIn,
    Commitment,
    Handoff,
    LaunchPackage,
    Risk,
    Subscription,
    Team,
    WorkPackage,
)

REFERRING: Mapping[Any, str] = {
    WorkPackage.team_id: "a feature's work package",
    LaunchPackage.team_id: "a release's work package",
    Commitment.team_id: "a commitment",
    Commitment.for_team_id: "a commitment",
    Handoff.team_id: "a hand-off",
    Handoff.to_team_id: "a hand-off",
    CheckIn.team_id: "a check-in",
    Risk.team_id: "a risk",
    Allocation.team_id: "an allocation",
    Subscription.team_id: "a subscription",
}


class TeamRepository(Repository[Team]):
    """Teams, each with its people and absences."""

    model: ClassVar[Any] = Team

    def rows(self) -> Select[Team]:
        return super().rows().options(selectinload(Team.staff), selectinload(Team.absences))

    async def everyone(self) -> Sequence[Team]:
        """All teams, in a fixed order."""
        return await self.all(self.rows().order_by(Team.id))

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        """Whether a team, another one than given, has this name."""
        query = exists().where(Team.workspace_id == self.workspace_id, Team.name == name)
        if other_than is not None:
            query = query.where(Team.id != other_than)
        return bool(await self.session.scalar(select(query)))

    async def referring(self, team_id: UUID) -> str | None:
        """What names the team, in words; None: nothing does."""
        for column, noun in REFERRING.items():
            query = exists().where(column.class_.workspace_id == self.workspace_id, column == team_id)
            if await self.session.scalar(select(query)):
                return noun
        return None
