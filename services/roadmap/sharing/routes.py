"""HTTP for share links, and for those who hold one."""

from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from starlette.responses import Response

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.errors import Problem
from services.chassis.files import File, file_response
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import context_of
from services.roadmap.audiences.routes import FILES, FormatChoice, Width
from services.roadmap.exports.formats import WIDTH
from services.roadmap.exports.pages import PAGE_POLICY, notice
from services.roadmap.sharing.schemas import (
    ShareLinkCreate,
    ShareLinkCreated,
    ShareLinkRead,
    ShareLinkUpdate,
    VisitRead,
)
from services.roadmap.sharing.service import ShareLinkService
from services.roadmap.sharing.visiting import SHARED, LinkEnded, LinkUnknown, Visitor, Wish, show

router = Router(prefix="/v1/share-links", tags=["Share links"])
shared_router = Router(prefix="/v1/shared/{share_token}", tags=["Share links"])
ShareLinks = Annotated[ShareLinkService, Depends(ShareLinkService)]
ShareToken = Annotated[str, Path(max_length=200, description="The secret part of the address.")]
FOR_CUSTOMERS = {
    "name": "Advisory board, spring",
    "roadmap_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a13",
    "audience_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a14",
}
HTML = "text/html"
PAGE: dict[str, Any] = {
    "responses": {"200": {"description": "The page.", "content": {HTML: {"schema": {"type": "string"}}}}}
}
UNTRACKED = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@router.post(scope="roadmap:write", example=FOR_CUSTOMERS)
async def create_share_link(new: ShareLinkCreate, links: ShareLinks, request: Request) -> Created[ShareLinkCreated]:
    """Share a roadmap with people who have no key.

    Whoever holds the address sees the roadmap as the audience sees it, always as it is now: as a page, as files, and as
    an Atom feed of what ships. Name a scenario to show how the plan could be instead: through the same eyes, and said
    to be undecided; the link goes when the scenario does. The address is shown this once. It ends at `expires_at` or
    when you revoke it.
    """
    link, token = await links.create(new)
    outside = context_of(request).settings.outside_url
    shown = ShareLinkRead.model_validate(link).model_dump()
    return created(ShareLinkCreated(**shown, token=token, url=f"{outside}{SHARED}{token}"))


@router.get(scope="roadmap:read")
async def list_share_links(
    links: ShareLinks,
    page: Paging,
    roadmap_id: Annotated[UUID | None, Query(description="Only links to this roadmap.")] = None,
) -> Page[ShareLinkRead]:
    """List share links, newest first, also those that have ended."""
    return await links.search(page, roadmap_id=roadmap_id)


@router.get("/{share_link_id}", scope="roadmap:read")
async def get_share_link(share_link_id: UUID, links: ShareLinks) -> ShareLinkRead:
    """Read a share link; its address is not kept."""
    return ShareLinkRead.model_validate(await links.get(share_link_id))


@router.patch("/{share_link_id}", scope="roadmap:write", example={"name": "Advisory board, spring and summer"})
async def update_share_link(
    share_link_id: UUID, change: ShareLinkUpdate, links: ShareLinks, if_match: IfMatch
) -> ShareLinkRead:
    """Rename a share link, or change when it ends."""
    return ShareLinkRead.model_validate(await links.update(share_link_id, change, if_match=if_match))


@router.post("/{share_link_id}/revoke", scope="roadmap:write")
async def revoke_share_link(share_link_id: UUID, links: ShareLinks) -> ShareLinkRead:
    """Take a share link back: from the next request on it shows nothing. The log of its visits stays."""
    return ShareLinkRead.model_validate(await links.revoke(share_link_id))


@router.get("/{share_link_id}/visits", scope="roadmap:read")
async def list_visits(share_link_id: UUID, links: ShareLinks, page: Paging) -> Page[VisitRead]:
    """List who came, newest first: one line for each visitor, day and form.

    Neither addresses nor names are kept. Lines are kept for 90 days.
    """
    return await links.visits(share_link_id, page)


@shared_router.get(public=True, unit_of_work=False, answers=(410,), extra=PAGE)
async def open_shared(request: Request, share_token: ShareToken) -> Response:
    """Open a shared roadmap as a page.

    Needs no key. The page runs no script and loads nothing from elsewhere; it follows light and dark, and prints. A
    browser is told on a page that a link is unknown (404) or has ended (410); everybody else gets a problem document.
    """
    try:
        file = await _shown(request, Wish(share_token))
    except (LinkUnknown, LinkEnded) as problem:
        if HTML not in request.headers.get("accept", ""):
            raise
        return _told(problem)
    return _answer(file, Response(file.content, media_type=file.media_type))


@shared_router.get("/export", public=True, unit_of_work=False, answers=(410,), extra=FILES)
async def export_shared(
    request: Request, share_token: ShareToken, *, form: FormatChoice = "json", width: Width = WIDTH
) -> Response:
    """Take a shared roadmap along, or subscribe to it.

    Needs no key. `ics` is a calendar that keeps itself up to date, `atom` a feed of what ships.
    """
    file = await _shown(request, Wish(share_token, form, width))
    return _answer(file, file_response(file))


async def _shown(request: Request, wish: Wish) -> File:
    context = context_of(request)
    headers = request.headers
    visitor = Visitor(headers.get("x-forwarded-for", ""), headers.get("user-agent", "")[:500])
    return await show(context, context.settings, wish, visitor)


def _answer(file: File, response: Response) -> Response:
    """With what caches and search engines must know; what has not changed is not sent again (304)."""
    response.headers.update(UNTRACKED)
    response.headers["ETag"] = f'"{sha256(file.content).hexdigest()[:32]}"'
    if file.policy:
        response.headers["Content-Security-Policy"] = file.policy
    return response


def _told(problem: Problem) -> Response:
    response = Response(notice(problem.title, problem.detail), status_code=problem.status, media_type=HTML)
    response.headers.update({**UNTRACKED, "Content-Security-Policy": PAGE_POLICY})
    return response
