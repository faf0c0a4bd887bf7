"""A view as a web page that needs nothing but itself: no script, no font, no picture from elsewhere."""

import base64
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Final

from services.chassis.drawings.legible import FORBIDDEN, number
from services.chassis.drawings.shapes import Picture
from services.chassis.drawings.svg import STYLE as PICTURE_STYLE
from services.chassis.drawings.svg import svg
from services.roadmap.domain.views import COLUMNS, ItemView, ResultView, View
from services.roadmap.drawings.heat_map import heat_map
from services.roadmap.drawings.timeline import span_of, timeline
from services.roadmap.exports.words import expectations, money, standing, way

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

STYLE: Final = resources.files(__package__).joinpath("templates/page.css").read_text() + PICTURE_STYLE
PAGE_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# As wide as the page is where each is shown; which one that is, the style sheet decides.
WIDTHS: Final = {"wide": 1132.0, "medium": 760.0, "narrow": 358.0}
OFFERS: Final = (
    ("pdf", "PDF"),
    ("ics", "Calendar"),
    ("csv", "Spreadsheet"),
    ("markdown", "Text"),
    ("release_notes", "Release notes"),
    ("atom", "Feed of what ships"),
)
TONES: Final = {"improved": " good", "worse": " bad"}


def page(view: View, *, files: str = "") -> bytes:
    """The view for people; `files` is where it can be had in other forms, as a link from the page."""
    shipped = view.column("shipped")
    text = _template("page.html").render(
        view=view,
        as_of=f"{view.as_of.day} {view.as_of:%B} {view.as_of.year}",
        style=_verbatim(STYLE),
        pictures=list(_timelines(view)) if any(span_of(item) for item in view.items) else [],
        heat_maps=list(_heat_maps(view)) if view.loads else [],
        columns=[(view.heading(name), items) for name in COLUMNS if name != "shipped" and (items := view.column(name))],
        shipped=shipped,
        has_results=any(item.results for item in shipped),
        files=files,
        offers=OFFERS,
    )
    return FORBIDDEN.sub("", text).encode()


def notice(title: str, words: str) -> bytes:
    """A page that says only one thing."""
    return _template("notice.html").render(title=title, words=words, style=_verbatim(STYLE)).encode()


def _timelines(view: View) -> Iterator[tuple[str, "Markup"]]:
    for name, width in WIDTHS.items():
        yield name, _inline(timeline(view, width=width), f"timeline-{name}")


def _heat_maps(view: View) -> Iterator[tuple[str, "Markup"]]:
    for name, width in WIDTHS.items():
        yield name, _inline(heat_map(view, width=width), f"capacity-{name}")


def _inline(picture: Picture, name: str) -> "Markup":
    return _verbatim(svg(picture, name=name, is_part=True))


def details(item: ItemView) -> list[tuple[str, str]]:
    """What else is told of a feature, as label and words."""
    told = [
        ("Forecast", f"done by {item.done_by.label} in 85 of 100 cases" if item.done_by else ""),
        ("Serves", "; ".join(item.objectives)),
        ("Answers", "; ".join(item.requirements)),
        ("Should move", "; ".join(expectations(item))),
        ("Effort", f"{number(item.effort_days)} person-days" if item.effort_days is not None else ""),
        ("Cost", money(item.cost) if item.cost else ""),
        ("Value", number(item.value) if item.value is not None else ""),
    ]
    return [(label, words) for label, words in told if words]


def achievement(result: ResultView) -> str:
    """The KPI, and how far it moved."""
    moved = "" if result.effect is None else f" {'+' if result.effect > 0 else ''}{number(result.effect)}"
    return f"{result.kpi}{moved}"


def _tone(result: ResultView) -> str:
    return TONES.get(result.verdict, "")


def _share(progress: float) -> int:
    return round(100 * min(max(progress, 0.0), 1.0))


def _verbatim(text: str) -> "Markup":
    """Text that is markup already: our own style sheet and drawings, whose texts are escaped by who draws them."""
    from markupsafe import Markup  # noqa: PLC0415 -- comes with the template engine, and is paid for with it

    return Markup(text)  # noqa: S704 -- see above: nothing of a caller's gets here as it came


@cache
def _template(name: str) -> "Template":
    # Only who asks for a page pays for the template engine.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals |= {
        "achievement": achievement,
        "details": details,
        "share": _share,
        "standing": standing,
        "tone": _tone,
        "way": way,
    }
    return environment.get_template(name)
