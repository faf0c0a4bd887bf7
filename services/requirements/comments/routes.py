"""HTTP for comments."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.comments.schemas import (
    RequirementCommentCreate,
    RequirementCommentRead,
    RequirementCommentUpdate,
)
from services.requirements.comments.service import CommentService
from services.requirements.models import RequirementComment

router = Router(prefix="/v1/requirements/{requirement_id}/comments", tags=["Requirements"])
Comments = Annotated[CommentService, Depends(CommentService)]


@router.post(scope="requirements:write", example={"text": "Two more teams asked for this on Friday."})
async def create_requirement_comment(
    requirement_id: UUID, new: RequirementCommentCreate, comments: Comments
) -> Created[RequirementCommentRead]:
    """Comment on a requirement."""
    return created(await comments.create(requirement_id, new))


@router.get(scope="requirements:read")
async def list_requirement_comments(
    requirement_id: UUID, comments: Comments, page: Paging
) -> Page[RequirementCommentRead]:
    """List the comments on a requirement, newest first."""
    await comments.requirements.get(requirement_id)
    return await list_page(
        comments.work,
        comments.comments.of(requirement_id),
        page,
        model=RequirementComment,
        subject_type="requirement_comment",
        read=RequirementCommentRead.model_validate,
        filters={"requirement_id": requirement_id},
    )


@router.get("/{comment_id}", scope="requirements:read")
async def get_requirement_comment(requirement_id: UUID, comment_id: UUID, comments: Comments) -> RequirementCommentRead:
    """Read a comment."""
    return RequirementCommentRead.model_validate(await comments.comments.get_of(requirement_id, comment_id))


@router.patch("/{comment_id}", scope="requirements:write", example={"text": "Three more teams asked for this."})
async def update_requirement_comment(
    requirement_id: UUID, comment_id: UUID, change: RequirementCommentUpdate, comments: Comments, if_match: IfMatch
) -> RequirementCommentRead:
    """Say it in other words."""
    comment = await comments.update(requirement_id, comment_id, change, if_match=if_match)
    return RequirementCommentRead.model_validate(comment)


@router.delete("/{comment_id}", scope="requirements:write")
async def delete_requirement_comment(
    requirement_id: UUID, comment_id: UUID, comments: Comments, if_match: IfMatch
) -> None:
    """Take a comment away."""
    await comments.remove(requirement_id, comment_id, if_match=if_match)
