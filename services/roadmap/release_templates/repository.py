"""The only SQL about release templates."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import exists, select

from services.chassis.repository import Repository
from services.roadmap.models import ReleaseTemplate


class ReleaseTemplateRepository(Repository[ReleaseTemplate]):
    """Templates."""

    model: ClassVar[Any] = ReleaseTemplate

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        """Whether a template, another one than given, has this name."""
        query = exists().where(ReleaseTemplate.workspace_id == self.workspace_id, ReleaseTemplate.name == name)
        if other_than is not None:
            query = query.where(ReleaseTemplate.id != other_than)
        return bool(await self.session.scalar(select(query)))
