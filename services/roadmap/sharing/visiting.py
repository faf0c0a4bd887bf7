"""A visitor with a token: finds the link, shows what its audience sees, and notes that somebody came."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from services.chassis.errors import Gone, NotFound
from services.chassis.files import File
from services.chassis.identity import Principal
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.audiences.files import write_file
from services.roadmap.audiences.repository import AudienceRepository
from services.roadmap.audiences.service import view_of
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.exports.formats import WIDTH, Format, Options
from services.roadmap.settings import RoadmapSettings
from services.roadmap.sharing.repository import FoundLink, ShareLinkRepository, VisitRepository, find_by_digest
from services.roadmap.sharing.service import digest_of

KEPT_DAYS = 90
PSEUDONYM_LENGTH = 16
SHARED = "/v1/shared/"


class LinkUnknown(NotFound):
    code, title = "share_link_unknown", "There is nothing behind this link"


class LinkEnded(Gone):
    code, title = "share_link_ended", "This link has ended"


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from and what sent it; neither is kept."""

    address: str
    program: str


@dataclass(frozen=True)
class Wish:
    """What a visitor wants to see."""

    token: str
    form: Format = "html"
    width: int = WIDTH


async def show(context: RoadmapContext, settings: RoadmapSettings, wish: Wish, visitor: Visitor) -> File:
    """The roadmap in the form asked for. Raises LinkUnknown, LinkEnded."""
    found = await find_by_digest(context.database, digest_of(wish.token))
    if found is None:
        raise LinkUnknown("Ask whoever gave it to you for a new one.")
    if found.revoked_at is not None or (found.expires_at is not None and found.expires_at <= context.clock.now()):
        raise LinkEnded("Ask whoever gave it to you for a new one.")
    guest = Principal(f"share_link:{found.share_link_id}", "system", found.workspace_id)
    work = UnitOfWork(context, guest)
    try:
        link = await ShareLinkRepository(work.session).get(found.share_link_id)
        audience = await AudienceRepository(work.session).get(link.audience_id)
        view = await view_of(work, roadmap_id=link.roadmap_id, audience=audience, scenario_id=link.scenario_id)
        await _note(work, found, wish.form, pseudonym(settings, found, visitor, day=view.as_of.isoformat()))
        # Who came is the log itself: it is not repeated in the trail of what members did.
        await work.session.commit()
    finally:
        await work.close()
    place = f"{SHARED}{wish.token}"
    options = Options(
        width=wish.width,
        font=settings.pdf_font,
        feed_id=str(found.share_link_id),
        address=f"{settings.outside_url}{place}/export?format=atom",
        files=f"{wish.token}/export",
    )
    return await write_file(view, wish.form, options)


async def _note(work: UnitOfWork, found: FoundLink, form: Format, visitor: str) -> None:
    visits, now = VisitRepository(work.session), work.clock.now()
    visit_id, times = await visits.count(found.share_link_id, visit_id=work.ids(), form=form, visitor=visitor, at=now)
    if times == 1:
        await visits.forget_before(now.date() - timedelta(days=KEPT_DAYS), share_link_id=found.share_link_id)
    data = {"share_link_id": found.share_link_id, "form": form}
    await work.events.append(
        "share_link_visit.recorded",
        subject_type="share_link_visit",
        subject_id=visit_id,
        version=times,
        data=data,
    )


def pseudonym(settings: RoadmapSettings, found: FoundLink, visitor: Visitor, *, day: str) -> str:
    """The same for one visitor of one link on one day; without the house's secret it leads back to nobody."""
    said = "\n".join((day, str(found.share_link_id), visitor.address, visitor.program))
    return hmac.new(settings.secret_bytes("key_pepper"), said.encode(), sha256).hexdigest()[:PSEUDONYM_LENGTH]
