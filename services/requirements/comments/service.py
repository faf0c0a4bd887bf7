"""Keeps what people say of requirements."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.comments.repository import CommentRepository
from services.requirements.comments.schemas import RequirementCommentCreate, RequirementCommentUpdate
from services.requirements.models import RequirementComment


class CommentService:
    """What callers do with comments."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def comments(self) -> CommentRepository:
        return CommentRepository(self.work.session)

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    async def create(self, requirement_id: UUID, new: RequirementCommentCreate) -> RequirementComment:
        """Raises NotFound."""
        await self.requirements.get(requirement_id)
        comment = await self.comments.add(
            RequirementComment(requirement_id=requirement_id, text=new.text, author=self.work.principal.id)
        )
        await self._tell("requirement_comment.created", comment, version=comment.version)
        return comment

    async def update(
        self, requirement_id: UUID, comment_id: UUID, change: RequirementCommentUpdate, *, if_match: Precondition
    ) -> RequirementComment:
        comment = await self.comments.get_of(requirement_id, comment_id, lock=True)
        if_match.check(comment)
        comment.text = change.text
        await self.work.session.flush()
        await self._tell("requirement_comment.updated", comment, version=comment.version)
        return comment

    async def remove(self, requirement_id: UUID, comment_id: UUID, *, if_match: Precondition) -> None:
        comment = await self.comments.get_of(requirement_id, comment_id, lock=True)
        if_match.check(comment)
        await self.comments.remove(comment)
        await self._tell("requirement_comment.deleted", comment, version=comment.version + 1)

    async def _tell(self, kind: str, comment: RequirementComment, *, version: int) -> None:
        await self.work.events.append(
            kind,
            subject_type="requirement_comment",
            subject_id=comment.id,
            version=version,
            data=comment_facts(comment),
        )


def comment_facts(comment: RequirementComment) -> dict[str, Any]:
    """What the feed tells of a comment: on what it is, never what it says."""
    return {"requirement_id": comment.requirement_id}
