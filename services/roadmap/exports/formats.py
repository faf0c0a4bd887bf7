"""Every form that a view can be had in, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import msgspec

from services.chassis.drawings.svg import STYLE_SOURCE, svg
from services.chassis.files import File
from services.roadmap.domain.views import View
from services.roadmap.drawings.heat_map import heat_map
from services.roadmap.drawings.timeline import timeline
from services.roadmap.exports.calendars import calendar
from services.roadmap.exports.feeds import release_feed
from services.roadmap.exports.pages import PAGE_POLICY, page
from services.roadmap.exports.portable import document
from services.roadmap.exports.spreadsheets import spreadsheet
from services.roadmap.exports.texts import plan_page, release_notes

Format = Literal["json", "csv", "ics", "markdown", "svg", "capacity_svg", "pdf", "html", "release_notes", "atom"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
WIDTH = 1200
PICTURE_POLICY = f"default-src 'none'; style-src {STYLE_SOURCE}"


@dataclass(frozen=True, slots=True)
class Options:
    """What a form may depend on beside the view; `files` is where its siblings are, as a link from a page."""

    width: int = WIDTH
    font: str | None = None
    feed_id: str = ""
    address: str = ""
    files: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a view is written, and what it is called then."""

    write: Callable[[View, Options], bytes]
    media_type: str
    name: str
    policy: str | None = None


FORMS: Final[Mapping[Format, Form]] = {
    "json": Form(lambda view, _: msgspec.json.encode(view), "application/json", "roadmap.json"),
    "csv": Form(lambda view, _: spreadsheet(view), "text/csv; charset=utf-8", "roadmap.csv"),
    "ics": Form(lambda view, _: calendar(view), "text/calendar; charset=utf-8", "roadmap.ics"),
    "markdown": Form(lambda view, _: plan_page(view), "text/markdown; charset=utf-8", "roadmap.md"),
    "svg": Form(
        lambda view, given: svg(timeline(view, width=given.width)).encode(),
        "image/svg+xml",
        "timeline.svg",
        PICTURE_POLICY,
    ),
    "capacity_svg": Form(
        lambda view, given: svg(heat_map(view, width=given.width)).encode(),
        "image/svg+xml",
        "capacity.svg",
        PICTURE_POLICY,
    ),
    "pdf": Form(lambda view, given: document(view, font=given.font), "application/pdf", "roadmap.pdf"),
    "html": Form(
        lambda view, given: page(view, files=given.files), "text/html; charset=utf-8", "roadmap.html", PAGE_POLICY
    ),
    "release_notes": Form(lambda view, _: release_notes(view), "text/markdown; charset=utf-8", "release-notes.md"),
    "atom": Form(
        lambda view, given: release_feed(view, feed_id=given.feed_id, address=given.address),
        "application/atom+xml; charset=utf-8",
        "releases.atom",
    ),
}


def written(view: View, name: Format, options: Options = Options()) -> File:
    """The view in this form."""
    form = FORMS[name]
    return File(form.write(view, options), form.media_type, form.name, form.policy)
