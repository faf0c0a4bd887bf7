"""A view as PDF, drawn directly: no browser, no rendering engine."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, assert_never
from xml.sax.saxutils import escape

from services.chassis.drawings.legible import FORBIDDEN
from services.chassis.drawings.shapes import Box, Picture, Stroke, Writing
from services.roadmap.domain.views import COLUMNS, View
from services.roadmap.drawings.heat_map import heat_map
from services.roadmap.drawings.timeline import timeline
from services.roadmap.exports.words import facts_of, outcome, standing, way

INKS = {
    "ink": "#1f2328",
    "faint": "#57606a",
    "line": "#8c959f",
    "band": "#f3f5f7",
    "today": "#b42318",
    "paper": "#ffffff",
}
MARGIN = 42.0

Said = tuple[str, str]
"""A style and a text in it."""


def document(view: View, *, font: str | None = None, is_compressed: bool = True) -> bytes:
    """The plan on A4, the picture first; `font` is a TrueType file for scripts other than Latin.

    The bytes depend on the view alone: no time of making is written into them.
    """
    # Only this export pays for the library.
    from reportlab.lib.pagesizes import A4, landscape  # noqa: PLC0415
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415

    styles = _styles(*_fonts(font))
    file = io.BytesIO()
    width, height = landscape(A4)
    page = SimpleDocTemplate(
        file,
        pagesize=(width, height),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=_legible(view.title),
        author="Fullcircle",
        subject=_legible(f"Roadmap for {view.audience}"),
        lang="en",
        invariant=1,
        pageCompression=int(is_compressed),
    )
    page.build(_story(view, styles, room=width - 2 * MARGIN - 12, tallest=height - 2 * MARGIN - 16))
    return file.getvalue()


def _story(view: View, styles: dict[str, Any], *, room: float, tallest: float) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer  # noqa: PLC0415

    def said(words: Iterable[Said]) -> list[Any]:
        return [Paragraph(_markup(text), styles[style]) for style, text in words]

    pictures = [timeline(view, width=1100), *([heat_map(view, width=1100)] if view.loads else [])]
    story = said(_head(view))
    for picture in pictures:
        story += [Spacer(1, 8), _painted(picture, styles, room, tallest)]
    return story + said(_goals(view)) + said(_items(view))


def _head(view: View) -> Iterator[Said]:
    yield "title", view.title
    yield "faint", f"As of {view.as_of.isoformat()}, for {view.audience}."
    yield from (("text", words) for words in (view.notice, *view.visions, view.description) if words)


def _goals(view: View) -> Iterator[Said]:
    if view.goals:
        yield "heading", "Objectives"
    for goal in view.goals:
        yield "text", "\n".join([f"{goal.title} ({standing(goal)})", *map(way, goal.key_results)])


def _items(view: View) -> Iterator[Said]:
    for column in COLUMNS:
        for index, item in enumerate(view.column(column)):
            if not index:
                yield "heading", view.heading(column)
            yield "item", item.title
            lines = ("; ".join(facts_of(item)), item.description, "; ".join(map(outcome, item.results)))
            yield from (("text", line) for line in lines if line)


def _painted(picture: Picture, styles: dict[str, Any], room: float, tallest: float) -> Any:
    from reportlab.platypus.flowables import Flowable  # noqa: PLC0415

    scale = min(room / picture.width, tallest / picture.height)

    class Painted(Flowable):  # type: ignore[misc]  # the library has no types
        """The picture as part of the page, as large as there is room."""

        def __init__(self) -> None:
            super().__init__()
            self.width, self.height = picture.width * scale, picture.height * scale

        def draw(self) -> None:
            self.canv.scale(scale, scale)
            for shape in picture.shapes:
                _paint(self.canv, shape, picture.height, styles)

    return Painted()


def _paint(canvas: Any, shape: Box | Stroke | Writing, height: float, styles: dict[str, Any]) -> None:
    match shape:
        case Box():
            canvas.setFillColor(_colour(shape.colour or INKS[shape.ink], shape.opacity))
            canvas.rect(shape.x, height - shape.y - shape.height, shape.width, shape.height, stroke=0, fill=1)
        case Stroke():
            canvas.setStrokeColor(_colour(INKS[shape.ink]))
            canvas.setLineWidth(shape.width)
            path = canvas.beginPath()
            path.moveTo(shape.points[0][0], height - shape.points[0][1])
            for x, y in shape.points[1:]:
                path.lineTo(x, height - y)
            canvas.drawPath(path)
        case Writing():
            canvas.setFillColor(_colour(INKS[shape.ink]))
            canvas.setFont(styles["text"].fontName, shape.size)
            draw = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
            draw[shape.anchor](shape.x, height - shape.y, _legible(shape.text))
        case _:
            assert_never(shape)


def _colour(code: str, opacity: float = 1.0) -> Any:
    from reportlab.lib.colors import HexColor  # noqa: PLC0415

    colour = HexColor(code)
    # Mixed with the paper: transparency is what makes PDF/A and old printers stumble.
    red, green, blue = (1 - opacity * (1 - part) for part in (colour.red, colour.green, colour.blue))
    return type(colour)(red, green, blue)


def _fonts(font: str | None) -> tuple[str, str]:
    """The names of the regular and bold font; Bitstream Vera comes with the library and is embedded."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    files = (font, font) if font else ("Vera.ttf", "VeraBd.ttf")
    for file in files:
        if file not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(file, file))
    return files


def _styles(regular: str, bold: str) -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415

    def style(
        name: str, size: float, *, font: str = regular, ink: str = "ink", before: float = 2, leads: bool = False
    ) -> Any:
        return ParagraphStyle(
            name,
            fontName=font,
            fontSize=size,
            leading=size * 1.4,
            spaceBefore=before,
            textColor=INKS[ink],
            keepWithNext=int(leads),
        )

    return {
        "title": style("title", 18, font=bold),
        "heading": style("heading", 13, font=bold, before=12, leads=True),
        "item": style("item", 10, font=bold, before=8, leads=True),
        "text": style("text", 9),
        "faint": style("faint", 8, ink="faint"),
    }


def _markup(text: str) -> str:
    return escape(_legible(text)).replace("\n", "<br/>")


def _legible(text: str) -> str:
    return FORBIDDEN.sub("", text)
