"""HTTP for audiences and their views."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.files import file_answers, file_response
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import context_of
from services.roadmap.audiences.files import write_file
from services.roadmap.audiences.schemas import AudienceCreate, AudienceRead, AudienceUpdate, RoadmapViewRead
from services.roadmap.audiences.service import AudienceService
from services.roadmap.exports.formats import FORMS, WIDTH, Format, Options

InScenario = Annotated[
    UUID | None, Query(description="A scenario of the roadmap, to be shown in place of the roadmap itself.")
]

router = Router(prefix="/v1/audiences", tags=["Audiences"])
views_router = Router(prefix="/v1/roadmaps/{roadmap_id}/views", tags=["Audiences"])
Audiences = Annotated[AudienceService, Depends(AudienceService)]
FormatChoice = Annotated[
    Format,
    Query(
        alias="format",
        description="`csv` for spreadsheets, `ics` for calendars, `markdown`, `pdf` and `html` to read, `svg` is the "
        "timeline and `capacity_svg` the heat map, `release_notes` and `atom` tell what has shipped.",
    ),
]
Width = Annotated[int, Query(ge=280, le=4000, description="How wide a picture is, in pixels; narrow ones stack.")]
CUSTOMERS = {
    "name": "Customers",
    "kind": "customer",
    "dated_days": 120,
    "headings": {"now": "In the works", "next": "Coming up", "later": "On our mind"},
    "wordings": [
        {
            "feature_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a13",
            "title": "A guided start",
            "description": "Three steps to your first report.",
        }
    ],
}
FILES = file_answers((form.media_type for form in FORMS.values()), description="The view as a file.")


@router.post(scope="roadmap:write", example=CUSTOMERS)
async def create_audience(new: AudienceCreate, audiences: Audiences) -> Created[AudienceRead]:
    """Name an audience.

    An audience says what its readers see of every plan: which details, how exact the dates, how firm the work, in which
    words. Give a name and a kind (`team`, `executive`, `customer`, `investor`); the rest is the usual for the kind
    unless you say otherwise: customers see quarters of what is decided, without dates beyond half a year; investors see
    objectives and outcomes of what is under way; executives see months and money; the team sees everything.

    Titles are shown in the team's words unless you give others, and no text is searched for secrets: what must not be
    read by an audience has to be worded, hidden, or left out with `is_worded_only`.
    """
    return created(await audiences.create(new))


@router.get(scope="roadmap:read")
async def list_audiences(audiences: Audiences, page: Paging) -> Page[AudienceRead]:
    """List audiences, newest first."""
    return await audiences.search(page)


@router.get("/{audience_id}", scope="roadmap:read")
async def get_audience(audience_id: UUID, audiences: Audiences) -> AudienceRead:
    """Read what an audience may see."""
    return AudienceRead.model_validate(await audiences.get(audience_id))


@router.patch("/{audience_id}", scope="roadmap:write", example={"date_precision": "quarter", "shows": ["description"]})
async def update_audience(
    audience_id: UUID, change: AudienceUpdate, audiences: Audiences, if_match: IfMatch
) -> AudienceRead:
    """Change what an audience may see; its pages, files and share links follow at once."""
    return AudienceRead.model_validate(await audiences.update(audience_id, change, if_match=if_match))


@router.delete("/{audience_id}", scope="roadmap:write")
async def delete_audience(audience_id: UUID, audiences: Audiences, if_match: IfMatch) -> None:
    """Remove an audience, with every link that was shared with it."""
    await audiences.delete(audience_id, if_match=if_match)


@views_router.get(scope="roadmap:read")
async def list_views(roadmap_id: UUID, audiences: Audiences, page: Paging) -> Page[AudienceRead]:
    """List the audiences that have a view of this roadmap: all of them have one."""
    return await audiences.search(page, roadmap_id=roadmap_id)


@views_router.get("/{audience_id}", scope="roadmap:read")
async def get_view(
    roadmap_id: UUID, audience_id: UUID, audiences: Audiences, scenario_id: InScenario = None
) -> RoadmapViewRead:
    """Read a roadmap as an audience sees it.

    Every page, picture and file for the audience is made from exactly this: what is not here, they do not get.
    """
    return RoadmapViewRead.model_validate(await audiences.view(roadmap_id, audience_id, scenario_id=scenario_id))


@views_router.get("/{audience_id}/export", scope="roadmap:read", extra=FILES)
async def export_view(
    request: Request,
    roadmap_id: UUID,
    audience_id: UUID,
    audiences: Audiences,
    *,
    form: FormatChoice = "json",
    width: Width = WIDTH,
    scenario_id: InScenario = None,
) -> Response:
    """Take a roadmap along as an audience sees it: as a table, a calendar, a text, a picture or a PDF."""
    view = await audiences.view(roadmap_id, audience_id, scenario_id=scenario_id)
    options = Options(width=width, font=context_of(request).settings.pdf_font, feed_id=f"{roadmap_id}:{audience_id}")
    return file_response(await write_file(view, form, options))
