"""The only SQL about merges of themes."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, or_

from services.chassis.repository import Repository
from services.requirements.models import ThemeMerge


class ThemeMergeRepository(Repository[ThemeMerge]):
    """Merges of one workspace's themes."""

    model: ClassVar[Any] = ThemeMerge

    def matching(self, *, theme_id: UUID | None) -> Select[ThemeMerge]:
        query = self.rows()
        if theme_id is None:
            return query
        return query.where(or_(ThemeMerge.kept_id == theme_id, ThemeMerge.merged_id == theme_id))
