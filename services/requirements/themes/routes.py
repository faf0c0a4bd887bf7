"""HTTP for themes."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Accepted, Created, accepted, created
from services.chassis.concurrency import IfMatch
from services.chassis.operations import OperationRead
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.feedback.repository import FeedbackFilter, FeedbackRepository
from services.requirements.feedback.schemas import FeedbackRead
from services.requirements.models import Feedback, Theme
from services.requirements.themes.schemas import (
    ThemeAffectedRead,
    ThemeCreate,
    ThemeRead,
    ThemeSplit,
    ThemeTrend,
    ThemeUpdate,
)
from services.requirements.themes.service import ThemeService

PART = {"name": "Exports that stop half way", "feedback_ids": ["01983a7c-2b4e-7a5d-9c44-2f7e8d9b0a31"]}

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


@router.post(scope="requirements:write", example={"name": "Everything about exports"})
async def create_theme(new: ThemeCreate, themes: Themes) -> Created[ThemeRead]:
    """Make a theme that groups others.

    It has no feedback of its own: name it as the `parent_id` of the themes that belong to it.
    """
    return created(ThemeRead.model_validate(await themes.create_group(new)))


@router.get(scope="requirements:read")
async def list_themes(
    themes: Themes,
    page: Paging,
    *,
    with_retired: Annotated[
        bool, Query(description="Also those that nobody mentions any more, or that were merged into others.")
    ] = False,
    parent_id: Annotated[UUID | None, Query(description="Only the parts of this theme.")] = None,
) -> Page[ThemeRead]:
    """List themes, newest first."""
    return await list_page(
        themes.work,
        themes.themes.matching(with_retired=with_retired, parent_id=parent_id),
        page,
        model=Theme,
        subject_type="theme",
        read=ThemeRead.model_validate,
        filters={"with_retired": with_retired, "parent_id": parent_id},
    )


@router.get("/{theme_id}", scope="requirements:read")
async def get_theme(theme_id: UUID, themes: Themes) -> ThemeRead:
    """Read a theme."""
    return ThemeRead.model_validate(await themes.themes.get(theme_id))


@router.patch("/{theme_id}", scope="requirements:write", example={"name": "Exports that fail"})
async def update_theme(theme_id: UUID, change: ThemeUpdate, themes: Themes, if_match: IfMatch) -> ThemeRead:
    """Name a theme, or make it a part of another.

    No rebuild changes a name that a person gave; null gives the theme back the name that its words make. Rebuilds put
    themes that are alike under a heading, but not those whose `parent_id` a person has decided, null too. There are
    two floors: a theme that has a parent has no parts.
    """
    return ThemeRead.model_validate(await themes.update(theme_id, change, if_match=if_match))


@router.post("/{theme_id}/split", scope="requirements:write", example=PART)
async def split_theme(theme_id: UUID, split: ThemeSplit, themes: Themes) -> Created[ThemeRead]:
    """Take a part out of a theme.

    Name some pieces of its feedback that speak of something else: they are a theme of their own from now on, and what
    is nearer to them than to the rest follows them, now, at each rebuild, and when new feedback comes in. To undo it,
    merge the part into the theme.
    """
    part = ThemeRead.model_validate(await themes.split(theme_id, split))
    return created(part, location=f"/v1/themes/{part.id}")


@router.get("/{theme_id}/affected", scope="requirements:read")
async def get_affected_by_theme(
    theme_id: UUID,
    themes: Themes,
    *,
    with_parts: Annotated[bool, Query(description="Together with the themes that are parts of it.")] = False,
) -> ThemeAffectedRead:
    """Read whom a theme concerns.

    How many customers speak of it, in which segments they were and what their companies paid, each as of the day when
    it was said; a company counts once. What is in quarantine does not count.
    """
    return await themes.affected(theme_id, with_parts=with_parts)


@router.get("/{theme_id}/trend", scope="requirements:read")
async def get_theme_trend(
    theme_id: UUID,
    themes: Themes,
    weeks: Annotated[int, Query(ge=8, le=104, description="How many whole weeks to look back.")] = 26,
) -> ThemeTrend:
    """Read how a theme develops.

    How often it was said week by week, whether that grows (with the interval that chance leaves), how people feel about
    it, and what they want.
    """
    return await themes.trend(theme_id, weeks=weeks)


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
        also=("understanding",),
    )
