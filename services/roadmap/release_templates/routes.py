"""HTTP for release templates."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.release_templates.schemas import (
    ReleaseTemplateCreate,
    ReleaseTemplateRead,
    ReleaseTemplateUpdate,
)
from services.roadmap.release_templates.service import ReleaseTemplateService

SMALL_LAUNCH = {
    "name": "Small launch",
    "work_packages": [
        {
            "key": "docs",
            "title": "Write documentation",
            "function": "product",
            "effort_days": 2,
            "days_before_launch": 7,
        },
        {
            "key": "support",
            "title": "Train support",
            "function": "support",
            "effort_days": 1,
            "days_before_launch": 3,
            "needs": ["docs"],
        },
    ],
}

router = Router(prefix="/v1/release-templates", tags=["Releases"])
ReleaseTemplates = Annotated[ReleaseTemplateService, Depends(ReleaseTemplateService)]


@router.post(scope="roadmap:write", example=SMALL_LAUNCH)
async def create_release_template(
    new: ReleaseTemplateCreate, templates: ReleaseTemplates
) -> Created[ReleaseTemplateRead]:
    """Write down what a kind of release takes.

    Each work package belongs to a function, is due so many days before the launch, and may wait for others, which it
    names by their keys. Without `work_packages` the template begins with what a launch usually needs, from engineering
    to support. Packages that wait for one another in a circle are refused with 422, naming the circle.
    """
    return created(await templates.create(new))


@router.get(scope="roadmap:read")
async def list_release_templates(templates: ReleaseTemplates, page: Paging) -> Page[ReleaseTemplateRead]:
    """List release templates, newest first."""
    return await templates.search(page)


@router.get("/{release_template_id}", scope="roadmap:read")
async def get_release_template(release_template_id: UUID, templates: ReleaseTemplates) -> ReleaseTemplateRead:
    """Read a release template."""
    return ReleaseTemplateRead.model_validate(await templates.get(release_template_id))


@router.patch("/{release_template_id}", scope="roadmap:write", example={"description": "For what few will notice."})
async def update_release_template(
    release_template_id: UUID, change: ReleaseTemplateUpdate, templates: ReleaseTemplates, if_match: IfMatch
) -> ReleaseTemplateRead:
    """Change a release template; releases that were made from it stay as they are."""
    return ReleaseTemplateRead.model_validate(await templates.update(release_template_id, change, if_match=if_match))


@router.delete("/{release_template_id}", scope="roadmap:write")
async def delete_release_template(release_template_id: UUID, templates: ReleaseTemplates, if_match: IfMatch) -> None:
    """Remove a release template; releases that were made from it stay."""
    await templates.delete(release_template_id, if_match=if_match)
