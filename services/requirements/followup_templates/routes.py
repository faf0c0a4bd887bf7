"""HTTP for templates of follow-ups."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.domain.following_up import FollowUpEvent
from services.requirements.followup_templates.schemas import (
    FollowUpPreview,
    FollowUpPreviewRead,
    FollowUpTemplateCreate,
    FollowUpTemplateRead,
    FollowUpTemplateUpdate,
)
from services.requirements.followup_templates.service import TemplateService
from services.requirements.models import FollowUpTemplate

router = Router(prefix="/v1/follow-up-templates", tags=["Follow-ups"])
Templates = Annotated[TemplateService, Depends(TemplateService)]

OWN_WORDS = {
    "event": "shipped",
    "subject": "Done: {title}",
    "body": "Hello,\n\nyou wrote to us:\n\n{quote}\n\n“{title}” is there now. Thank you for telling us.",
}


@router.post(scope="requirements:write", example=OWN_WORDS)
async def create_follow_up_template(new: FollowUpTemplateCreate, templates: Templates) -> Created[FollowUpTemplateRead]:
    """Tell people in your own words.

    For what is shipped, declined or measured, each once. Gaps are filled with the reader's own quote, the title of the
    requirement, the reason of a refusal and the verdict in plain words; every message ends with the link by which they
    leave, whatever you write. What was told before stays as it was told.
    """
    return created(FollowUpTemplateRead.model_validate(await templates.create(new)))


@router.get(scope="requirements:read")
async def list_follow_up_templates(
    templates: Templates,
    page: Paging,
    event: Annotated[FollowUpEvent | None, Query(description="Only for this event.")] = None,
) -> Page[FollowUpTemplateRead]:
    """List your own templates, newest first; an event without one is told in the words that Fullcircle brings."""
    return await list_page(
        templates.work,
        templates.templates.matching(event=event),
        page,
        model=FollowUpTemplate,
        subject_type="follow_up_template",
        read=FollowUpTemplateRead.model_validate,
        filters={"event": event},
    )


@router.post(
    "/preview", scope="requirements:read", status=200, example={"event": "declined", "reason": "Few would use it."}
)
async def preview_follow_up(wanted: FollowUpPreview, templates: Templates) -> FollowUpPreviewRead:
    """See a message before anybody gets it.

    With the words in force, or with those that you send along; nothing is kept and nothing is sent.
    """
    return await templates.preview(wanted)


@router.get("/{follow_up_template_id}", scope="requirements:read")
async def get_follow_up_template(follow_up_template_id: UUID, templates: Templates) -> FollowUpTemplateRead:
    """Read a template of your own."""
    return FollowUpTemplateRead.model_validate(await templates.templates.get(follow_up_template_id))


@router.patch("/{follow_up_template_id}", scope="requirements:write", example={"subject": "It is there: {title}"})
async def update_follow_up_template(
    follow_up_template_id: UUID, change: FollowUpTemplateUpdate, templates: Templates, if_match: IfMatch
) -> FollowUpTemplateRead:
    """Say it otherwise."""
    return FollowUpTemplateRead.model_validate(await templates.update(follow_up_template_id, change, if_match=if_match))


@router.delete("/{follow_up_template_id}", scope="requirements:write")
async def delete_follow_up_template(follow_up_template_id: UUID, templates: Templates, if_match: IfMatch) -> None:
    """Go back to the words that Fullcircle brings."""
    await templates.remove(follow_up_template_id, if_match=if_match)
