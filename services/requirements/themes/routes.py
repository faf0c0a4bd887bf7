"""HTTP for themes."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Accepted, accepted
from services.chassis.operations import OperationRead
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.feedback.repository import FeedbackFilter, FeedbackRepository
from services.requirements.feedback.schemas import FeedbackRead
from services.requirements.models import Feedback, Theme
from services.requirements.themes.schemas import ThemeRead
from services.requirements.themes.service import ThemeService

router = Router(prefix="/v1/themes", tags=["Themes"])
Themes = Annotated[ThemeService, Depends(ThemeService)]


@router.post("/rebuild", scope="requirements:write")
async def rebuild_themes(themes: Themes) -> Accepted[OperationRead]:
    """Find the themes anew.

    Groups all feedback by meaning; how many themes there are is found, not given. A theme that is still there keeps its
    id, so what refers to it stays right; one that nobody mentions any more is retired. Follow the operation; between
    rebuilds new feedback joins the nearest theme by itself.
    """
    operation = await themes.ask_for_rebuild()
    return accepted(operation, operation_id=operation.id)


@router.get(scope="requirements:read")
async def list_themes(
    themes: Themes,
    page: Paging,
    with_retired: Annotated[bool, Query(description="Also those that nobody mentions any more.")] = False,
) -> Page[ThemeRead]:
    """List themes, newest first."""
    return await list_page(
        themes.work,
        themes.themes.matching(with_retired=with_retired),
        page,
        model=Theme,
        subject_type="theme",
        read=ThemeRead.model_validate,
        filters={"with_retired": with_retired},
    )


@router.get("/{theme_id}", scope="requirements:read")
async def get_theme(theme_id: UUID, themes: Themes) -> ThemeRead:
    """Read a theme."""
    return ThemeRead.model_validate(await themes.themes.get(theme_id))


@router.get("/{theme_id}/feedback", scope="requirements:read")
async def list_themes_feedback(theme_id: UUID, themes: Themes, page: Paging) -> Page[FeedbackRead]:
    """List the feedback of a theme, newest first."""
    await themes.themes.get(theme_id)
    feedback = FeedbackRepository(themes.work.session)
    return await list_page(
        themes.work,
        feedback.matching(FeedbackFilter(theme_id=theme_id)),
        page,
        model=Feedback,
        subject_type="feedback",
        read=FeedbackRead.model_validate,
        filters={"theme_id": theme_id},
    )
