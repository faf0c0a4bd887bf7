"""HTTP for merges of themes."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import ThemeMerge
from services.requirements.theme_merges.schemas import ThemeMergeCreate, ThemeMergeRead
from services.requirements.theme_merges.service import ThemeMergeService

router = Router(prefix="/v1/theme-merges", tags=["Themes"])
ThemeMerges = Annotated[ThemeMergeService, Depends(ThemeMergeService)]

SAME_WISH = {
    "kept_id": "019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77",
    "merged_id": "019c0d8e-8b11-7e02-a1c4-52d0c7f3b914",
    "reason": "Both ask for exports that finish.",
}


@router.post(scope="requirements:write", example=SAME_WISH, answers=(409,))
async def create_theme_merge(new: ThemeMergeCreate, merges: ThemeMerges) -> Created[ThemeMergeRead]:
    """Make one of two themes.

    The feedback of the merged one is shown under the kept one from now on; so is what comes in later and what a rebuild
    finds. The parts of the merged one become parts of the kept one. Nothing is lost: the merge can be undone.
    """
    return created(ThemeMergeRead.model_validate(await merges.merge(new)))


@router.get(scope="requirements:read")
async def list_theme_merges(
    merges: ThemeMerges,
    page: Paging,
    theme_id: Annotated[UUID | None, Query(description="Only merges that this theme took part in.")] = None,
) -> Page[ThemeMergeRead]:
    """List merges of themes, newest first, also those that were undone."""
    return await list_page(
        merges.work,
        merges.merges.matching(theme_id=theme_id),
        page,
        model=ThemeMerge,
        subject_type="theme_merge",
        read=ThemeMergeRead.model_validate,
        filters={"theme_id": theme_id},
    )


@router.get("/{theme_merge_id}", scope="requirements:read")
async def get_theme_merge(theme_merge_id: UUID, merges: ThemeMerges) -> ThemeMergeRead:
    """Read a merge of themes."""
    return ThemeMergeRead.model_validate(await merges.merges.get(theme_merge_id))


@router.post("/{theme_merge_id}/undo", scope="requirements:write", status=200, answers=(409,))
async def undo_theme_merge(theme_merge_id: UUID, merges: ThemeMerges) -> ThemeMergeRead:
    """Part two themes that were merged.

    All feedback is shown again under the theme that it lies nearest to, as before the merge; parts go back to their
    parent, unless somebody has moved them since. While the kept theme is itself merged into another this is answered
    with 409: undo that merge first.
    """
    return ThemeMergeRead.model_validate(await merges.undo(theme_merge_id))
