"""The only SQL about teams."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.models import Team, WorkPackage


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

    async def is_planned(self, team_id: UUID) -> bool:
        """Whether a work package names the team."""
        package = WorkPackage
        query = exists().where(package.workspace_id == self.workspace_id, package.team_id == team_id)
        return bool(await self.session.scalar(select(query)))
