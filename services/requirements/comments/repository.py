"""The only SQL about comments."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.models import RequirementComment


class CommentRepository(Repository[RequirementComment]):
    """Comments in one workspace."""

    model: ClassVar[Any] = RequirementComment

    def of(self, requirement_id: UUID) -> Select[RequirementComment]:
        return self.rows().where(RequirementComment.requirement_id == requirement_id)

    async def get_of(self, requirement_id: UUID, comment_id: UUID, *, lock: bool = False) -> RequirementComment:
        """The comment, when it is on that requirement; raises NotFound."""
        comment = await self.get(comment_id, lock=lock)
        if comment.requirement_id != requirement_id:
            raise NotFound(f"There is no comment {comment_id}.")
        return comment
